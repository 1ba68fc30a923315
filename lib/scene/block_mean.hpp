// SPDX-License-Identifier: Apache-2.0
// From 10 m surface reflectance in USGS scaling to a Sentinel-2 band's own resolution (tiling.md
// 3.3): the means that hls-lasrc writes and that hls-tile computes for the reference layout.
#pragma once

#include <cstdint>
#include <span>

#include "core/view2d.hpp"

namespace hls::scene {

// out(r, c) is the mean reflectance * 1e4 of the box x box samples from (r * box, c * box) on,
// rounded half up; -9999 if one of them is fill (0). `rows` has out.rows() * box rows and
// out.cols() * box columns; box is 1, 2 or 6.
void block_means(View2D<const std::uint16_t> rows, int box, View2D<std::int16_t> out);

}  // namespace hls::scene
