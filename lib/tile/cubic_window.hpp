// SPDX-License-Identifier: Apache-2.0
// Cubic convolution with a = -1 over 4 x 4 pixels (tiling.md 2.2): any position in double, and the
// corner between four pixels exactly in integers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace hls::tile {

// Along one axis: the first of four pixels, and their weights.
struct CubicTaps {
    int first = 0;
    std::array<double, 4> weights{};
};

// `position` in pixels; pixel i covers [i, i + 1).
int first_cubic_tap(double position) noexcept;
CubicTaps cubic_taps(double position) noexcept;

// `corner` is the upper-left pixel of the window, rows are `stride` apart. Cut toward zero.
std::int16_t cubic_value(const std::int16_t* corner, std::ptrdiff_t stride,
                         const std::array<double, 4>& row_weights,
                         const std::array<double, 4>& col_weights) noexcept;

// Positions that are whole numbers in both axes: weights (-1, 5, 5, -1) / 8. `rows` are four rows
// of scratch.size() = out.size() + 3 pixels each; out[i] takes pixels i..i+3.
void cubic_corner_row(const std::array<const std::int16_t*, 4>& rows,
                      std::span<std::int32_t> scratch, std::span<std::int16_t> out) noexcept;

}  // namespace hls::tile
