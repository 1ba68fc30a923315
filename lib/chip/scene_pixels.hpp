// SPDX-License-Identifier: Apache-2.0
// The pixels of one scene under the chips of one task: every block of a band is decoded once,
// however many chips share it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chip/imagery_access.hpp"
#include "chip/imagery_table.hpp"
#include "chip/scene_item.hpp"
#include "chip/window.hpp"
#include "core/view2d.hpp"

namespace hls::chip {

// Pixels of a tile, in its finest grid.
struct PixelBox {
    int col = 0, row = 0, cols = 0, rows = 0;
};

// A part of a raster that is `factor` times coarser than the tile's finest grid.
template <typename T>
struct Patch {
    int factor = 1;
    int col = 0, row = 0;  // of its upper left pixel, in its own pixels
    Plane<T> pixels;

    // Value at a pixel of the finest grid.
    T at(int fine_row, int fine_col) const {
        return pixels(fine_row / factor - row, fine_col / factor - col);
    }
};

enum class Sky : std::uint8_t { nodata, cloud, clear };  // cloud: or its shadow, or saturated

// From SCL (Sentinel-2 L2A) or the bits of the Fmask layer (HLS).
Sky sky_of(ImageryKind kind, int quality) noexcept;

// What a quality layer says where there is no scene.
std::uint8_t no_quality(ImageryKind kind) noexcept;

struct SceneQuality {
    Patch<std::uint8_t> raster;
    double clear_percent = 0;  // of the box
};

// The part of a scene that a task reads.
struct SceneWindow {
    const SceneItem* item = nullptr;
    const CollectionLayout* layout = nullptr;
    TileFrame frame;
    ChipShape shape;
    PixelBox box;
};

struct PixelSource {
    ImageryAccess& access;
    NetTally& tally;
    int threads = 1;
};

// Throws Error{bad_input} for a raster that does not lie on the tile's grid, or is damaged, and
// what AssetRaster throws.
SceneQuality read_quality(const SceneWindow& scene, const PixelSource& source);

// Digital numbers as stored, 0 for no data; HLS fill becomes 0 and smaller numbers 1.
using BandPatch = Patch<std::uint16_t>;

// By common name, in that order. Throws also Error{bad_input} for a band the collection has not.
std::vector<BandPatch> read_bands(const SceneWindow& scene, const std::vector<std::string>& bands,
                                  const PixelSource& source);

// The half percent quantile of valid pixels, the smallest of the given bands; what the offset rule
// looks at. nullopt without valid pixels.
std::optional<double> lowest_percentile(const std::vector<const BandPatch*>& bands,
                                        const SceneQuality& quality, const PixelBox& box);

}  // namespace hls::chip
