// SPDX-License-Identifier: Apache-2.0
// What stands before the tiles of a COG. Internal to io.
#pragma once

#include <span>
#include <string>

#include "io/cog.hpp"
#include "io/cog_pyramid.hpp"

namespace hls::io {

// Byte order, all directories and their values, as the published products have them (TIFF 6.0,
// GeoTIFF 1.1 and GDAL's private tags), for `levels` in file order, full resolution first. Tiles
// follow in the opposite order of levels. Throws Error{internal} beyond the 4 GB of a classic TIFF.
std::string cog_header(std::span<const CogLevel* const> levels, const Grid& grid,
                       const Layer& layer);

}  // namespace hls::io
