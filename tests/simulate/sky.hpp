// SPDX-License-Identifier: Apache-2.0
// What hangs over the scene: the aerosol field, clouds, and the light that both leave.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "simulate/clouds.hpp"

namespace hls::simulate {

// Where a cloud's droplets or crystals begin to absorb.
enum class CloudColour { visible, swir1, swir2 };
inline constexpr int kCloudColours = 3;

// Reflectance of a cloud of droplets relative to that in visible light.
float liquid_colour(CloudColour colour) noexcept;

// The clouds on one line of sight, as light goes through them.
struct CloudLight {
    std::array<float, kCloudColours> reflectance{};  // of the clouds alone
    float transmission = 1;                          // of what comes from below, down and up again
    float tau = 0;                                   // all layers
    float top_m = 0;  // of the highest layer that is visible; 0: none
    float ice_tau = 0;
};
CloudLight light_through(const CloudColumn& column) noexcept;

// Reflectance that the band at 1.375 um sees: what is high enough, through the water vapour above.
// `mass` is the air mass of both paths, `ground` the reflectance below the clouds.
float cirrus_band(const CloudColumn& column, const AirColumn& air, double mass,
                  float ground) noexcept;

// Part of the direct sunlight that clouds with this column take away, 0..1.
float shadow_of(const CloudColumn& column, double cos_sun) noexcept;

// Emission of the clouds over a ground of `below`, both as radiance by `radiance(kelvin)`.
// `air_k` is the temperature of the air at the elevation `elevation_m`.
template <typename Radiance>
double thermal_radiance(const CloudColumn& column, double below, double air_k, double elevation_m,
                        const Radiance& radiance);

// Temperature by the standard lapse rate of 6.5 K/km, at least 205 K.
double air_temperature_k(double air_k, double elevation_m, double height_m) noexcept;
// Part of the radiation in the thermal infrared that a cloud stops.
double emissivity(float tau) noexcept;

// Part of the light of a clear sky that comes straight from the sun, for a band of Rayleigh optical
// depth `tau_rayleigh` at `wavelength_um`.
float direct_fraction(float tau_rayleigh, double wavelength_um, double aot550,
                      double cos_sun) noexcept;

// Direct sunlight on a slope relative to level ground, 0 where the slope turns away. Rises in
// metres per metre; `sun` as for Clouds.
float sunlight_on_slope(float rise_east, float rise_north, const Slant& sun) noexcept;

// AOT at 550 nm: smooth, features of some kilometres, within mean +- spread.
class AerosolField {
 public:
    explicit AerosolField(const WorldRequest& world);

    // (x, y) as for Clouds.
    double at(double x, double y) const noexcept;
    double low() const { return low_; }
    double high() const { return high_; }

 private:
    std::uint32_t seed_;
    double mean_, spread_, low_, high_;
};

// Lost part of the direct sun that Landsat's quality band calls shadow.
inline constexpr float kVisibleShadow = 0.35f;

template <typename Radiance>
double thermal_radiance(const CloudColumn& column, double below, double air_k, double elevation_m,
                        const Radiance& radiance) {
    double total = below;
    for (int i = kCloudLayers - 1; i >= 0; --i) {
        const CloudSample& layer = column[static_cast<std::size_t>(i)];
        if (layer.tau <= kHaloTau) continue;
        const double part = emissivity(layer.tau);
        const double kelvin = air_temperature_k(air_k, elevation_m, double(layer.top_m));
        total += part * (radiance(kelvin) - total);
    }
    return total;
}

}  // namespace hls::simulate
