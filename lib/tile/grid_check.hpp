// SPDX-License-Identifier: Apache-2.0
// Checks of the layers of scenes before their pixels are used.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "io/raster.hpp"

namespace hls::tile {

// The file has the size `expected`, and lies there if it says where. Throws Error{bad_input}.
void require_grid(const io::RasterReader& reader, const io::Grid& expected);

// A row of Fmask classes holds nothing else. Throws Error{bad_input} naming file, row and column,
// the first pixel being column `first_col`.
void require_classes(std::span<const std::uint8_t> row, const std::string& path, int row_number,
                     int first_col);

}  // namespace hls::tile
