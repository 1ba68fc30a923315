// SPDX-License-Identifier: Apache-2.0
// The rasters and the picture that a classification ends in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "fmask/classify.hpp"
#include "io/browse.hpp"
#include "io/raster.hpp"

namespace hls::fmask {

using Tags = std::vector<std::pair<std::string, std::string>>;

// Fills one row of values; called from north to south.
template <typename T>
using RowFiller = std::function<void(int row, std::span<T> values)>;

// Class raster, uint8, fill 255, with palette and class names: a cloud-optimised GeoTIFF.
void write_mask(const std::filesystem::path& path, const io::Grid& grid,
                const Classification& classes, const Tags& tags);

// Probability of cloud, of each pixel over the surface it is taken for: int16, scale 0.001, fill
// -32768.
void write_probability(const std::filesystem::path& path, const io::Grid& grid,
                       const Surface& surface, const CloudProbability& probability,
                       const SceneStatistics& statistics);

// Height of the base above the ground of every cloud whose shadow was found: uint16, m; 65535
// where there is no cloud or it is not known.
void write_heights(const std::filesystem::path& path, const io::Grid& grid, const Objects& objects,
                   const ShadowMatch& match);

// True colour beside the classes, every `step`th pixel of a scene.
io::Picture draw_mask(const io::Picture& true_colour, const Classification& classes, int step);

}  // namespace hls::fmask
