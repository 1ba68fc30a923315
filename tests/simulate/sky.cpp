// SPDX-License-Identifier: Apache-2.0
#include "simulate/sky.hpp"

#include <algorithm>
#include <cmath>

#include "simulate/noise.hpp"

namespace hls::simulate {
namespace {

constexpr std::uint32_t kAerosol = 0x10000;
constexpr double kLapseKPerM = 0.0065;
constexpr double kColdestK = 205;
constexpr double kVapourScaleM = 2000;

// What is left of a cloud's reflectance where its water or ice absorbs.
constexpr float kLiquidColour[kCloudColours] = {1, 0.72f, 0.56f};
constexpr float kIceColour[kCloudColours] = {1, 0.50f, 0.33f};

// Conservative two-stream with an asymmetry of 0.85.
float conservative_reflectance(float tau) noexcept {
    const float scaled = 0.075f * tau;
    return scaled / (1 + scaled);
}

}  // namespace

float liquid_colour(CloudColour colour) noexcept {
    return kLiquidColour[static_cast<std::size_t>(colour)];
}

CloudLight light_through(const CloudColumn& column) noexcept {
    CloudLight light;
    float through = 1;  // one way, of the layers so far
    // From the top down; light that goes to and fro between layers is left out.
    for (std::size_t i = 0; i < kCloudLayers; ++i) {
        const CloudSample& layer = column[i];
        if (layer.tau <= 0) continue;
        const float reflected = conservative_reflectance(layer.tau);
        const auto& colour = i == kIce ? kIceColour : kLiquidColour;
        for (std::size_t c = 0; c < kCloudColours; ++c)
            light.reflectance[c] += through * through * reflected * colour[c];
        through *= 1 - reflected;
        light.tau += layer.tau;
        if (light.top_m == 0 && layer.tau >= kVisibleTau) light.top_m = layer.top_m;
    }
    // Droplets throw most light forward, so what a cloud lets through once it lets through again.
    light.transmission = through * through;
    light.ice_tau = column[kIce].tau;
    return light;
}

float cirrus_band(const CloudColumn& column, const AirColumn& air, double mass,
                  float ground) noexcept {
    const auto through_vapour = [&](double height_m) {
        const double above =
            air.water_vapour_g_cm2 * std::exp(-(height_m - air.elevation_m) / kVapourScaleM);
        return static_cast<float>(std::exp(-4 * std::sqrt(mass * above)));
    };
    float seen = 0, through = 1;
    for (std::size_t i = 0; i < kCloudLayers; ++i) {
        const CloudSample& layer = column[i];
        if (layer.tau <= 0) continue;
        const float reflected = conservative_reflectance(layer.tau);
        // Ice absorbs a little at 1.38 um.
        seen += through * through * 0.9f * reflected * through_vapour(double(layer.top_m));
        through *= 1 - reflected;
    }
    return seen + through * through * ground * through_vapour(air.elevation_m);
}

float shadow_of(const CloudColumn& column, double cos_sun) noexcept {
    float tau = 0;
    for (const CloudSample& layer : column) tau += layer.tau > kHaloTau ? layer.tau : 0;
    // Three quarters of what a cloud scatters goes on within a few degrees of where it came from.
    return tau > 0 ? 1 - std::exp(-0.25f * tau / static_cast<float>(std::max(0.1, cos_sun))) : 0;
}

double air_temperature_k(double air_k, double elevation_m, double height_m) noexcept {
    return std::max(kColdestK, air_k - kLapseKPerM * (height_m - elevation_m));
}

double emissivity(float tau) noexcept {
    return 1 - std::exp(-0.6 * double(tau));
}

float direct_fraction(float tau_rayleigh, double wavelength_um, double aot550,
                      double cos_sun) noexcept {
    const double aerosol = aot550 * std::pow(0.55 / wavelength_um, 1.3);
    // Half of what molecules scatter still comes down, and most of what aerosol does, partly close
    // to the sun.
    return static_cast<float>(
        std::exp(-(0.5 * double(tau_rayleigh) + 0.45 * aerosol) / std::max(0.1, cos_sun)));
}

float sunlight_on_slope(float rise_east, float rise_north, const Slant& sun) noexcept {
    if (rise_east == 0 && rise_north == 0) return 1;
    const double up = 1 - kPixelM * (double(rise_east) * sun.east - double(rise_north) * sun.south);
    const double steep = std::sqrt(1 + double(rise_east * rise_east + rise_north * rise_north));
    return static_cast<float>(std::clamp(up / steep, 0.0, 3.0));
}

AerosolField::AerosolField(const WorldRequest& world)
    : seed_(scramble(world.seed + 0x5bd1e995U)),
      mean_(world.aot_mean),
      spread_(world.aot_spread),
      low_(std::max(0.01, world.aot_mean - world.aot_spread)),
      high_(std::max(0.01, world.aot_mean + world.aot_spread)) {}

double AerosolField::at(double x, double y) const noexcept {
    const double noise = 2.2 * fractal_noise(x / 190, y / 190, seed_ + kAerosol, 2);
    return std::max(0.01, mean_ + spread_ * std::clamp(noise, -1.0, 1.0));
}

}  // namespace hls::simulate
