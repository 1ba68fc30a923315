// SPDX-License-Identifier: Apache-2.0
// Repeatable pictures for the scenes of tests and benchmarks.
#pragma once

#include <cmath>
#include <cstdint>

namespace hls::texture {

// Noise of a place, uniform in [-1, 1].
inline double noise(int row, int col, unsigned layer) {
    std::uint32_t h = static_cast<std::uint32_t>(row) * 0x9E3779B1u ^
                      static_cast<std::uint32_t>(col) * 0x85EBCA77u ^ layer * 0xC2B2AE3Du;
    h ^= h >> 15;
    h *= 0x2C1B3C6Du;
    h ^= h >> 12;
    h *= 0x297A2D39u;
    h ^= h >> 15;
    return h / 2147483648.0 - 1;
}

inline double fields(int row, int col) {
    return std::sin(row * 0.011 + std::cos(col * 0.007)) + 0.5 * std::sin(col * 0.05 + row * 0.03) +
           0.5 * noise(row / 9, col / 13, 99);
}

}  // namespace hls::texture
