// SPDX-License-Identifier: Apache-2.0
// How numbers become the 16-bit integers of HLS products (tiling.md, conventions and 2.1).
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

namespace hls::tile {

inline constexpr std::int16_t kFill = -9999;        // reflectance, brightness temperature
inline constexpr std::uint8_t kMaskFill = 255;      // Fmask
inline constexpr std::uint16_t kAngleFill = 40000;  // angles
inline constexpr double kDegreesPerCount = 0.01;    // angles
inline constexpr int kFullTurn = 36000;             // 360 deg in stored angles
inline constexpr double kInt16Lowest = -32768, kInt16Highest = 32767;

// Half up, also for negatives (-0.5 -> 0), clamped to int16.
inline std::int16_t round_half_up(double x) noexcept {
    const double rounded = std::floor(x + 0.5);
    if (!(rounded > kInt16Lowest)) return static_cast<std::int16_t>(kInt16Lowest);
    return static_cast<std::int16_t>(rounded < kInt16Highest ? rounded : kInt16Highest);
}

// Toward zero, clamped to int16.
inline std::int16_t truncate(double x) noexcept {
    if (!(x > kInt16Lowest)) return static_cast<std::int16_t>(kInt16Lowest);
    return static_cast<std::int16_t>(x < kInt16Highest ? x : kInt16Highest);
}

// Stored value of an AC scene (uint16, USGS scaling) -> stored value of HLS; 0 -> kFill.
using StoredTable = std::array<std::int16_t, 65536>;
const StoredTable& reflectance_table();
// 0.01 degree Celsius; zero is taken at 273.16 K as NASA's programs do.
const StoredTable& thermal_table();

}  // namespace hls::tile
