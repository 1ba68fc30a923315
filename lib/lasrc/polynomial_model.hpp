// SPDX-License-Identifier: Apache-2.0
// The atmosphere of one band as cubics in aerosol load: what retrieval and final correction
// evaluate per window and pixel instead of the tables (lasrc.md 5.2, 5.3).
#pragma once

#include <array>
#include <span>

#include "lasrc/atmosphere_function.hpp"

namespace hls::lasrc {

// c0 x^3 + c1 x^2 + c2 x + c3 in float32, summed from the constant upward as the reference does.
struct Cubic {
    std::array<float, 4> c{};
    float at(float x) const noexcept {
        const float x2 = x * x;
        const float x3 = x2 * x;
        return c[3] + c[2] * x + c[1] * x2 + c[0] * x3;
    }
};

// Least squares through (x_i, y_i), i < n, n >= 4. The normal equations are badly conditioned in
// float32, so the result depends on the order of every operation: it is that of the reference.
Cubic fit_cubic(std::span<const float> x, std::span<const float> y) noexcept;

// Index of the last node up to which path reflectance rises by more than 1e-5 per node.
int last_rising_node(std::span<const float, atmosphere::kAots> path) noexcept;

struct PolynomialModel {
    Cubic path, transmittance, albedo;
    float gas_transmittance = 1.f;
    float largest_load = 5.f;  // the load is limited to this: path reflectance saturates beyond
    AngstromScale scale;

    // The cubics' argument for AOT at 550 nm; `spectral` is scale.spectral(eps).
    float load(float aot550, float spectral) const noexcept {
        const float m = scale.model_aot(aot550, spectral);
        return m < largest_load ? m : largest_load;
    }
    float surface_at_load(float toa, float m) const noexcept {
        const float x = toa - gas_transmittance * path.at(m);
        return x / (gas_transmittance * transmittance.at(m) + albedo.at(m) * x);
    }
    // Surface reflectance of `toa`.
    float surface(float toa, float aot550, float spectral) const noexcept {
        return surface_at_load(toa, load(aot550, spectral));
    }
};

// Fits the model to samples of `atmosphere` at the 22 AOT nodes, taken with `sample_eps`
// (kModelEps, or 2.5 for Landsat with the double_angstrom quirk).
PolynomialModel fit_polynomial_model(const AtmosphereFunction& atmosphere, float sample_eps,
                                     const Quirks& quirks) noexcept;

}  // namespace hls::lasrc
