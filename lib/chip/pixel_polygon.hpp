// SPDX-License-Identifier: Apache-2.0
// Polygons in the pixels of a tile.
#pragma once

#include <vector>

#include "chip/burn.hpp"
#include "chip/window.hpp"
#include "io/polygon_layer.hpp"

namespace hls::chip {

// Rings of one part in pixels of the tile's grid.
std::vector<PixelRing> to_pixels(const io::PolygonPart& part, const TileFrame& frame, int pixel_m);

}  // namespace hls::chip
