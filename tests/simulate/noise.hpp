// SPDX-License-Identifier: Apache-2.0
// Randomness as a pure function of place and seed: any pixel can be asked for in any order.
#pragma once

#include <cstdint>

namespace hls::simulate {

constexpr std::uint32_t scramble(std::uint32_t x) noexcept {
    x ^= x >> 16;
    x *= 0x7feb352dU;
    x ^= x >> 15;
    x *= 0x846ca68bU;
    return x ^ (x >> 16);
}

constexpr std::uint32_t hash(int x, int y, std::uint32_t seed) noexcept {
    const auto inner = scramble(static_cast<std::uint32_t>(y) * 0xd8163841U + seed);
    return scramble(static_cast<std::uint32_t>(x) * 0x8da6b343U + inner);
}

// Uniform in [0, 1).
constexpr float unit(std::uint32_t bits) noexcept {
    return static_cast<float>(bits >> 8) * 0x1p-24f;
}
constexpr float unit(int x, int y, std::uint32_t seed) noexcept {
    return unit(hash(x, y, seed));
}

// About normal with mean 0 and standard deviation 1, within +-4.9 (eight uniform bytes' sum).
float normal(int x, int y, std::uint32_t seed) noexcept;

// Gradient noise: smooth, zero mean, features about one unit wide, within [-1, 1].
float gradient_noise(double x, double y, std::uint32_t seed) noexcept;

// Sum of `octaves` (>= 1) gradient noises, each half as wide and half as strong as the one before.
// Within [-1, 1], standard deviation about 0.2.
float fractal_noise(double x, double y, std::uint32_t seed, int octaves) noexcept;

}  // namespace hls::simulate
