// SPDX-License-Identifier: Apache-2.0
// The granules of a tile at 30 m, strip by strip: trimmed, joined where there are twins, resampled
// (tiling.md 3.3-3.9).
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "io/raster.hpp"
#include "scene/sentinel2_ac_scene.hpp"
#include "tile/granule_window.hpp"
#include "tile/native_strip.hpp"
#include "tile/s30_stages.hpp"
#include "tile/s30_strip.hpp"
#include "tile/tile_summary.hpp"

namespace hls::tile {

// Of one granule, on its own.
struct GranuleCoverage {
    CoverageCounts combined;  // as it came
    CoverageCounts trimmed;
};

struct S30Summary {
    CoverageCounts coverage;  // pixels of 10 m, of all granules joined
    AngleSums angles;         // pixels of 30 m
    std::vector<GranuleCoverage> granules;
};

// One pass over the tile from north to south.
class S30Mosaic {
 public:
    // `tile` has signed northings. Granules are folded in the order given: the first one's pixels
    // stay unless a later one is greener, angles are those of the last that has any. Throws
    // Error{bad_input} as GranuleWindow does.
    S30Mosaic(const io::Grid& tile, std::span<const scene::Sentinel2AcScene> scenes, int threads,
              StageHook stages = {});

    // Rows [first_row, first_row + strip rows) before NBAR; both numbers even. Ascending first_row
    // only. Pixels that no granule has are fill.
    void read_strip(int first_row, S30Strip& strip);

    // Of all strips read so far.
    const S30Summary& summary() const { return summary_; }

 private:
    // What its parts are called where stages are shown.
    struct NativeNames {
        std::string bands, mask, angles;
    };

    void prepare(int cell_rows);
    void load(std::size_t granule, Range strip_cells, NativeStrip& native);
    void trim(std::size_t granule, Range rows, NativeStrip& native, int strip_first);
    void fold(std::size_t granule, Range rows);
    void resample(int cell_rows, S30Strip& strip);
    void show_granule(std::size_t granule, const NativeStrip& native, int strip_first) const;
    void show_native(const NativeNames& names, const NativeStrip& native, int strip_first) const;

    int cell_cols_;
    int threads_;
    StageHook stages_;
    std::vector<GranuleWindow> granules_;
    std::optional<NativeStrip> joined_;  // of the granules so far
    std::optional<NativeStrip> next_;    // the one to be folded in
    Plane<std::uint8_t> valid_;          // cells of one granule that trimming kept
    S30Summary summary_;
};

}  // namespace hls::tile
