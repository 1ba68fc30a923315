// SPDX-License-Identifier: Apache-2.0
// Where a chip lies: in one MGRS tile, on the tile's own pixels.
#pragma once

#include <optional>
#include <string>

#include "geo/mgrs.hpp"
#include "geo/utm.hpp"

namespace hls::chip {

// Pixels of a tile that a chip is cut from.
struct ChipShape {
    int size_px = 256;
    int pixel_m = 10;
    int snap_px = 2;  // corners are multiples of it, so that 20 m pixels are not cut
    // HLS has signed northings in zones of the northern definition.
    bool signed_northing = false;

    int tile_px() const { return static_cast<int>(geo::kTileSizeM) / pixel_m; }
};

struct ChipWindow {
    geo::MgrsTile tile;
    int col = 0, row = 0;  // of the upper left pixel
};

// Upper left corner of the tile and its UTM zone, as the shape's imagery has them.
struct TileFrame {
    int epsg = 0;
    geo::EastNorth upper_left;
    geo::Utm utm;
};
TileFrame tile_frame(const geo::MgrsTile& tile, const ChipShape& shape);

// The window around a place in the tile whose edges are farthest from it, by name where two are
// equal. nullopt where no tile holds the whole window.
std::optional<ChipWindow> place_window(geo::LonLat place, const ChipShape& shape);

// Intersection over union of two windows of one shape; 0 in different tiles.
double overlap(const ChipWindow& a, const ChipWindow& b, int size_px) noexcept;

}  // namespace hls::chip
