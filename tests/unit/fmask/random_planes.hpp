// SPDX-License-Identifier: Apache-2.0
// Planes of noise for tests that compare with a slow and plain way to the same result.
#pragma once

#include <cstdint>

#include "core/view2d.hpp"
#include "fmask/bit_plane.hpp"

namespace hls::fmask {

// The same numbers in every run.
class Noise {
 public:
    explicit Noise(std::uint32_t seed) : state_(seed * 2654435761u + 1) {}
    // 0 .. limit - 1
    int below(int limit) {
        state_ = state_ * 1664525u + 1013904223u;
        return static_cast<int>((state_ >> 8) % static_cast<std::uint32_t>(limit));
    }

 private:
    std::uint32_t state_;
};

// Set with a chance of percent / 100.
inline BitPlane random_bits(int rows, int cols, int percent, std::uint32_t seed) {
    Noise noise(seed);
    BitPlane plane(rows, cols);
    for (int r = 0; r < rows; ++r)
        for (int c = 0; c < cols; ++c) plane.set(r, c, noise.below(100) < percent);
    return plane;
}

inline BitPlane all_set(int rows, int cols) {
    return random_bits(rows, cols, 100, 0);
}

}  // namespace hls::fmask
