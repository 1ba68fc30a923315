// SPDX-License-Identifier: Apache-2.0
// What the atmosphere does to one band at one aerosol load: the table lookup of LaSRC
// (lasrc.md 4, "atmcorlamb2"). float32 throughout, in the reference's order of operations.
#pragma once

#include <array>
#include <cmath>
#include <string_view>

#include "atmosphere/tables.hpp"
#include "lasrc/quirks.hpp"
#include "lasrc/sun_view_geometry.hpp"

namespace hls::lasrc {

// One scene's air. Pressure 300..1100 hPa, ozone 0..1 cm-atm, water vapour 0..10 g/cm2.
struct SceneAir {
    float pressure_hpa;
    float ozone_cm_atm;
    float water_vapour_g_cm2;
};

// Effect on a Lambertian surface: toa = gas * (path + transmittance * s / (1 - albedo * s)).
struct BandAtmosphere {
    float path_reflectance = 0.f;
    float transmittance = 1.f;  // both ways, with water vapour
    float spherical_albedo = 0.f;
    float gas_transmittance = 1.f;  // ozone and other gases

    float surface(float toa) const noexcept {
        const float x = toa - gas_transmittance * path_reflectance;
        return x / (gas_transmittance * transmittance + spherical_albedo * x);
    }
    float toa(float surface) const noexcept {
        return (surface * transmittance / (1.f - spherical_albedo * surface) + path_reflectance) *
               gas_transmittance;
    }
};

// Aerosol load of the tables' own model that has the optical depth of (aot550, eps) in the band:
// the model's load differs because its Angstrom law does. lasrc.md 4.1.
struct AngstromScale {
    float wavelength_um = .55f;
    float extinction = 1.f;  // of the model, relative to 550 nm
    double log2_ratio = 0.;  // of wavelength / 0.55, rounded to float before the logarithm

    static AngstromScale of(float wavelength_um, float extinction) noexcept;

    // (wavelength / 0.55)^-eps as float; callers keep it while eps does not change.
    float spectral(float eps) const noexcept {
        return static_cast<float>(std::exp2(static_cast<double>(-eps) * log2_ratio));
    }
    float model_aot(float aot550, float spectral_factor) const noexcept {
        return aot550 / extinction * spectral_factor;
    }
    // The same with the power in double, as the reference does where it samples its tables.
    float sampled_model_aot(float aot550, float eps) const noexcept;
};

inline constexpr float kModelEps = -1.f;  // aot550 is the table model's own load, no rescaling

// One band seen through one scene's air and geometry. Construction does the angular part of the
// lookup; at() interpolates in aerosol load and pressure, extrapolating outside the tables.
class AtmosphereFunction {
 public:
    // Throws Error{bad_input} when the tables lack the band and Error{low_sun} when the sun is
    // beyond their last node.
    AtmosphereFunction(const atmosphere::Tables& tables, std::string_view band,
                       const SunViewGeometry& geometry, const SceneAir& air, const Quirks& quirks);

    // eps < 0 means kModelEps.
    BandAtmosphere at(float aot550, float eps) const noexcept;
    const AngstromScale& scale() const noexcept { return scale_; }

 private:
    using AotRow = std::array<float, atmosphere::kAots>;
    struct Gases {
        float ozone_and_other, water, half_water;
    };
    static Gases gases(const atmosphere::BandConstants& band, const SunViewGeometry& geometry,
                       const SceneAir& air) noexcept;

    AngstromScale scale_;
    float pressure_weight_ = 0.f;  // of the second of the two bracketing pressures
    std::array<AotRow, 2> path_{};
    std::array<AotRow, 2> sun_transmittance_{};
    std::array<AotRow, 2> view_transmittance_{};
    std::array<AotRow, 2> albedo_{};
    float molecular_ = 0.f;
    Gases gases_{};
};

}  // namespace hls::lasrc
