// SPDX-License-Identifier: Apache-2.0
// The Angstrom exponents tried over land, and where between them the misfit is lowest (lasrc.md
// 7.5). Shared by Landsat and Sentinel-2.
#pragma once

#include <array>

#include "lasrc/aot_search.hpp"

namespace hls::lasrc {

inline constexpr float kLowEps = 1.f;
inline constexpr float kMiddleEps = 1.75f;
inline constexpr float kHighEps = 2.5f;
inline constexpr float kWaterEps = 1.5f;

// The coefficient that ties the two equations of the parabola; the reference truncates it.
inline constexpr float eps_coupling(bool truncated) noexcept {
    return truncated ? -3.f : kMiddleEps * kMiddleEps - kHighEps * kHighEps;
}

// Where the parabola through the misfits at the three eps has its extreme; not a number when they
// are equal.
inline float extreme_eps(const std::array<AotEstimate, 3>& found, float coupling) noexcept {
    constexpr float xa = kLowEps * kLowEps - kHighEps * kHighEps;
    constexpr float xb = kLowEps - kHighEps;
    constexpr float xe = kMiddleEps - kHighEps;
    const float xd = coupling;
    const float xc = found[0].residual - found[2].residual;
    const float xf = found[1].residual - found[2].residual;
    const float determinant = xa * xe - xb * xd;
    const float square = (xc * xe - xb * xf) / determinant;
    const float linear = (xa * xf - xc * xd) / determinant;
    return -linear / (2.f * square);
}

}  // namespace hls::lasrc
