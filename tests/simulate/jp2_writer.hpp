// SPDX-License-Identifier: Apache-2.0
// Lossless JPEG 2000 files as Sentinel-2 products hold them.
#pragma once

#include <filesystem>
#include <span>

#include "core/view2d.hpp"
#include "io/raster.hpp"

namespace hls::simulate {

// One file with the planes as its layers; they may be the same object and must fit `grid`. Tiles of
// 1024 pixels; `resolutions` 1 is faster to write and serves masks. Throws Error{cannot_create,
// io_error}.
void write_jp2(const std::filesystem::path& path, const io::Grid& grid,
               std::span<const Plane<std::uint16_t>* const> layers, int resolutions = 6);
void write_jp2(const std::filesystem::path& path, const io::Grid& grid,
               std::span<const Plane<std::uint8_t>* const> layers, int resolutions = 6);

}  // namespace hls::simulate
