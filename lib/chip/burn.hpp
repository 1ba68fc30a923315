// SPDX-License-Identifier: Apache-2.0
// Polygons to pixels: a pixel belongs to a polygon if its centre lies inside.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace hls::chip {

struct PixelPoint {
    double col = 0, row = 0;  // in pixels from the outer upper left corner
};
using PixelRing = std::vector<PixelPoint>;  // closed, the first point may be repeated

// Calls fill(row, first_col, end_col) for every run of pixels inside, by the even-odd rule over all
// rings, rows from `first_row` to `end_row` and columns within [0, cols). A centre on an edge
// belongs to the polygon on its right or below, so that neighbours share no pixel.
void scan_polygon(const std::vector<PixelRing>& rings, int first_row, int end_row, int cols,
                  const std::function<void(int row, int first_col, int end_col)>& fill);

// Of the area inside, in square pixels; holes count negative whatever their direction.
double polygon_area(const std::vector<PixelRing>& rings) noexcept;

}  // namespace hls::chip
