// SPDX-License-Identifier: Apache-2.0
// Geographic pictures with transparency, as GIBS takes them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/view2d.hpp"

namespace hls::io {

// Grid of EPSG:4326, row 0 at the north, square pixels in degrees.
struct GeographicGrid {
    int rows = 0;
    int cols = 0;
    double west_deg = 0;
    double north_deg = 0;
    double pixel_deg = 0;
};

// Fills `rows` rows of interleaved red, green, blue, alpha (4 * cols bytes each) from first_row on.
using RgbaRows = std::function<void(int first_row, View2D<std::uint8_t> rows)>;

// Writes a 4-band byte GeoTIFF, tiled, LZW, nodata 0, with dataset tags. Throws
// Error{cannot_create, io_error}.
void write_rgba_tiff(const std::string& path, const GeographicGrid& grid,
                     const std::vector<std::pair<std::string, std::string>>& tags,
                     const RgbaRows& rows);

}  // namespace hls::io
