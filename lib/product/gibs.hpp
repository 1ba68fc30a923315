// SPDX-License-Identifier: Apache-2.0
// GIBS sub-tiles: the product in true colour on the fixed grid of 1.125 degrees (tiling.md 5.5).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/view2d.hpp"
#include "geo/utm.hpp"
#include "io/raster.hpp"
#include "io/rgba_tiff.hpp"
#include "product/log_stretch.hpp"
#include "product/product_metadata.hpp"

namespace hls::product {

// One cell: column 1..320 from 180 W, row 1..160 from the south pole.
struct GibsCell {
    int column = 0;
    int row = 0;

    std::string id() const;           // "iiijjj"
    io::GeographicGrid grid() const;  // 4096 x 4096
    bool operator==(const GibsCell&) const = default;
};

// Cells that the tile's rectangle may touch, by row from the south, then by column from the west
// end of the tile.
std::vector<GibsCell> gibs_cells(const io::Grid& tile);

class Gibs {
 public:
    explicit Gibs(const io::Grid& tile);

    // Rows of B04, B03 and B02 from first_row on.
    void add_rows(int first_row, const std::array<View2D<const std::int16_t>, 3>& rgb);

    // Warps by nearest neighbour and writes the cell's picture; false if one of its bands is empty
    // everywhere, when GIBS does not want the file.
    bool write_cell(const GibsCell& cell, const std::string& path, const TimeRange& time) const;

 private:
    void fill_rows(const io::GeographicGrid& grid, int first_row, View2D<std::uint8_t> rows,
                   std::array<bool, 3>& seen) const;

    io::Grid tile_;
    geo::Utm utm_;
    LogStretch stretch_;
    std::array<Plane<std::uint8_t>, 3> rgb_;  // stretched, 0 is no data
};

// The XML beside the picture (ImageMetadata 1.2).
std::string gibs_xml(const ProductInfo& info, const GibsCell& cell);

}  // namespace hls::product
