// SPDX-License-Identifier: Apache-2.0
// Pictures for people: 8-bit PNG, and the stretch that makes numbers visible.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "fs/atomic_output.hpp"

namespace hls::io {

// Interleaved samples, row 0 on top: pixels[(row * cols + col) * channels + channel].
struct Picture {
    int rows = 0;
    int cols = 0;
    int channels = 3;  // 1 gray, 3 RGB, 4 RGBA
    std::vector<std::uint8_t> pixels;

    Picture() = default;
    Picture(int rows_, int cols_, int channels_);
    std::uint8_t* at(int row, int col);
};

// Linear from low (0) to high (255), clamped; NaN is 0.
struct Stretch {
    double low = 0;
    double high = 1;

    std::uint8_t operator()(double value) const noexcept;
};

// Stretch between two quantiles (0..1) of the values, NaN left out. Without any value: 0..1.
Stretch quantile_stretch(std::span<const float> values, double low, double high);

// Writes the picture under a temporary name and renames it. Throws Error{cannot_create, io_error}.
void write_png(const std::filesystem::path& path, const Picture& picture, fs::IfExists if_exists);

}  // namespace hls::io
