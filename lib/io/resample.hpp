// SPDX-License-Identifier: Apache-2.0
// A raster of any grid and projection brought onto one of ours.
#pragma once

#include <cstdint>
#include <string>

#include "core/view2d.hpp"
#include "io/raster.hpp"

namespace hls::io {

// The first band of `path`, bilinear, rounded, as int16 on `grid`; `missing` where the file has no
// value. Throws Error{missing_input, permission}, and Error{bad_input} if it is no georeferenced
// raster or has no value anywhere in the grid.
Plane<std::int16_t> read_resampled(const std::string& path, const Grid& grid, std::int16_t missing);

}  // namespace hls::io
