// SPDX-License-Identifier: Apache-2.0
// 2^x in float32 as plain arithmetic, which the compiler vectorises; calls of pow are what makes
// the reference slow.
#pragma once

#include <bit>
#include <cstdint>

namespace hls::lasrc {

// |x| <= 126. Relative error below 2e-7; exact for whole numbers.
inline float fast_exp2(float x) noexcept {
    constexpr float kRounder = 12582912.f;  // 1.5 * 2^23: adding it leaves the nearest integer
    const float shifted = x + kRounder;
    const float f = x - (shifted - kRounder);  // -0.5 .. 0.5
    // Taylor series of exp(f ln 2); the first term left out is below 6e-9.
    const float fifth = .00133335581f + f * (.000154035304f + f * .0000152527338f);
    const float second = .240226507f + f * (.0555041087f + f * (.00961812911f + f * fifth));
    const float series = 1.f + f * (.693147181f + f * second);
    const std::uint32_t power = std::bit_cast<std::uint32_t>(shifted) << 23;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(series) + power);
}

}  // namespace hls::lasrc
