// SPDX-License-Identifier: Apache-2.0
// One chip's pixels from the patches of a scene.
#pragma once

#include <cstdint>

#include "chip/scene_pixels.hpp"

namespace hls::chip {

// Rows and columns of the tile's finest grid that a chip shows.
struct CutFrame {
    int row = 0, col = 0, size = 0;
};

// What the sky hides of the frame: pixels of either kind.
struct SkyCount {
    std::int64_t clear = 0, nodata = 0;
};
SkyCount count_sky(const SceneQuality& quality, ImageryKind kind, const CutFrame& frame);

// Writes stored + offset within 1..65535, 0 where there is no data, which `usable` (1 where usable)
// then loses. Returns how many values had to be raised to 1.
std::int64_t cut_band(const BandPatch& band, const CutFrame& frame, int offset,
                      View2D<std::uint16_t> out, View2D<std::uint8_t> usable);

// `usable` keeps its pixels only where the sky is clear. Returns how many are left.
std::int64_t keep_clear(const SceneQuality& quality, ImageryKind kind, const CutFrame& frame,
                        View2D<std::uint8_t> usable);

}  // namespace hls::chip
