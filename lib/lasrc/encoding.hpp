// SPDX-License-Identifier: Apache-2.0
// Valid ranges and USGS Collection 2 Level-2 integers (lasrc.md 2 and 10).
#pragma once

#include <cstdint>

namespace hls::lasrc {

inline constexpr float kLowestReflectance = -.2f;
inline constexpr float kHighestReflectance = 1.6f;
inline constexpr std::uint16_t kFillCode = 0;

// NaN becomes the lowest value.
inline float limit_reflectance(float value) noexcept {
    const float low = value > kLowestReflectance ? value : kLowestReflectance;
    return low < kHighestReflectance ? low : kHighestReflectance;
}

// Nearest integer, halves up, for 0 <= x < 65536. Unlike x + 0.5 it has no wrong case below 0.5.
inline int round_positive(float x) noexcept {
    const int whole = static_cast<int>(x);
    return whole + (x - static_cast<float>(whole) >= .5f ? 1 : 0);
}

// Code of a reflectance already limited to the valid range. The lowest value gets 0, which reads as
// fill, and so does an exact 0.0: with `keep_fill_clash` as in the reference, else they get the
// nearest code that does not.
inline std::uint16_t encode_reflectance(float value, bool keep_fill_clash) noexcept {
    const int code = round_positive((value + .2f) * 36363.637f);
    const int limited = code < 65454 ? code : 65454;
    const int clash = value == 0.f ? 0 : limited;
    const int clean = limited > 1 ? limited : 1;
    return static_cast<std::uint16_t>(keep_fill_clash ? clash : clean);
}

// Code of a brightness temperature in K, limited to 150..350.
inline std::uint16_t encode_thermal(float kelvin) noexcept {
    const float low = kelvin > 150.f ? kelvin : 150.f;
    const float limited = low < 350.f ? low : 350.f;
    return static_cast<std::uint16_t>(round_positive((limited - 149.f) * (1.f / .00341802f)));
}

}  // namespace hls::lasrc
