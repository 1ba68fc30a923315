// SPDX-License-Identifier: Apache-2.0
// The browse image of a product: red, green, blue, 1000 x 1000 (tiling.md 5.4).
#pragma once

#include <array>
#include <cstdint>

#include "core/view2d.hpp"
#include "product/log_stretch.hpp"

namespace hls::product {

// Shrinks the full-size image while its rows come in: each row is resampled along the columns at
// once, the columns at the end. Antialiased bicubic (a = -0.5, stretched by the reduction) on bytes
// with 22-bit weights, what Pillow does by default, so pixels equal those of the reference chain.
class Browse {
 public:
    static constexpr int kSize = 1000;

    Browse(int rows, int cols);

    // Rows of B04, B03 and B02 from first_row on.
    void add_rows(int first_row, const std::array<View2D<const std::int16_t>, 3>& rgb);
    // Red, green, blue once all rows are in; kSize x kSize each.
    std::array<Plane<std::uint8_t>, 3> image() const;

 private:
    LogStretch stretch_;
    int rows_;
    int cols_;
    std::array<Plane<std::uint8_t>, 3> narrow_;  // rows x kSize
};

}  // namespace hls::product
