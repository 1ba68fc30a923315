// SPDX-License-Identifier: Apache-2.0
// Hashed gradient noise on a square lattice.
#include "simulate/noise.hpp"

#include <cmath>
#include <initializer_list>

namespace hls::simulate {
namespace {

constexpr float kDiagonal = 0.70710678f;
constexpr float kGradients[8][2] = {
    {1, 0},  {kDiagonal, kDiagonal},   {0, 1},  {-kDiagonal, kDiagonal},
    {-1, 0}, {-kDiagonal, -kDiagonal}, {0, -1}, {kDiagonal, -kDiagonal}};

// The lattice point's slope times the distance (dx, dy) from it.
float corner(int x, int y, std::uint32_t seed, float dx, float dy) noexcept {
    const auto& gradient = kGradients[hash(x, y, seed) >> 29];
    return gradient[0] * dx + gradient[1] * dy;
}

float fade(float t) noexcept {
    return t * t * t * (t * (t * 6 - 15) + 10);
}

float mix(float a, float b, float t) noexcept {
    return a + t * (b - a);
}

}  // namespace

float normal(int x, int y, std::uint32_t seed) noexcept {
    const std::uint32_t first = hash(x, y, seed);
    const std::uint32_t second = scramble(first + 0x9e3779b9U);
    std::uint32_t sum = 0;
    for (std::uint32_t word : {first, second})
        sum += (word & 255U) + ((word >> 8) & 255U) + ((word >> 16) & 255U) + (word >> 24);
    // Eight bytes: mean 1020, variance 8 (256^2 - 1) / 12.
    return (static_cast<float>(sum) - 1020.f) / 209.02f;
}

float gradient_noise(double x, double y, std::uint32_t seed) noexcept {
    const double floor_x = std::floor(x);
    const double floor_y = std::floor(y);
    const int ix = static_cast<int>(floor_x);
    const int iy = static_cast<int>(floor_y);
    const auto dx = static_cast<float>(x - floor_x);
    const auto dy = static_cast<float>(y - floor_y);
    const float wx = fade(dx);
    const float upper = mix(corner(ix, iy, seed, dx, dy), corner(ix + 1, iy, seed, dx - 1, dy), wx);
    const float lower =
        mix(corner(ix, iy + 1, seed, dx, dy - 1), corner(ix + 1, iy + 1, seed, dx - 1, dy - 1), wx);
    return 1.4142135f * mix(upper, lower, fade(dy));
}

float fractal_noise(double x, double y, std::uint32_t seed, int octaves) noexcept {
    float sum = 0;
    float total = 0;
    float amplitude = 1;
    for (int octave = 0; octave < octaves; ++octave) {
        sum += amplitude * gradient_noise(x, y, seed + static_cast<std::uint32_t>(octave) * 7919U);
        total += amplitude;
        amplitude *= 0.5f;
        x = 2 * x + 17.3;  // shifted, or all octaves would share their lattice zeros
        y = 2 * y - 9.1;
    }
    return sum / total;
}

}  // namespace hls::simulate
