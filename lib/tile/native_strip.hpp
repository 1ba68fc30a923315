// SPDX-License-Identifier: Apache-2.0
// Some rows of a tile in Sentinel-2's own resolutions, and what is done there: trimming to whole
// 60 m cells, choosing between twin granules, counting (tiling.md 3.5-3.7).
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/view2d.hpp"
#include "scene/sentinel2_ac_scene.hpp"
#include "tile/range.hpp"
#include "tile/tile_summary.hpp"

namespace hls::tile {

// Everything is aligned to cells of 60 m: 6 x 6 pixels of 10 m, 3 x 3 of 20 m, 2 x 2 of 30 m.
inline constexpr int kCell = scene::kSentinel2Cell;
inline constexpr double kCellM = 60;
inline constexpr int kAnglesPerCell = 2;  // pixels of 30 m along a cell

// Rows and columns of cells, counted from the upper-left corner of a tile or of a strip.
struct CellRect {
    Range rows;
    Range cols;

    bool empty() const { return rows.empty() || cols.empty(); }
};

struct NativeStrip {
    NativeStrip(int cell_rows, int cell_cols);

    int cell_rows() const { return bands[0].rows(); }  // B01 has one pixel per cell
    int cell_cols() const { return bands[0].cols(); }
    // All of it without data.
    void clear();

    // In the order of scene::sentinel2_bands(), int16 reflectance * 1e4.
    std::array<Plane<std::int16_t>, scene::kSentinel2BandCount> bands;
    Plane<std::uint8_t> fmask;                   // 10 m, bits of the Fmask layer
    std::array<Plane<std::uint16_t>, 4> angles;  // 30 m: SZA, SAA, VZA, VAA
};

// Pixels of one band along a cell: 6, 3 or 1.
int pixels_per_cell(std::size_t band) noexcept;

// A row of cells where any band lacks a sample gets no sample at all there, and no mask. `cols` are
// those to look at. valid[c] (one per cell of the strip) tells which cells are kept.
void trim_cells(NativeStrip& strip, int cell_row, Range cols, std::span<std::uint8_t> valid);

// Coverage of one row of cells: pixels of 10 m where B08 is valid, cloud from the mask.
CoverageCounts count_cells(const NativeStrip& strip, int cell_row, Range cols);

// Takes into `kept` what a twin has in a row of cells: bands and mask of a cell where `kept` has
// none or where the twin's NDVI is higher; each angle layer wherever the twin has a value.
// `cols` are those that the twin covers. Both strips are trimmed and of one shape.
void fold_cells(const NativeStrip& twin, int cell_row, Range cols, NativeStrip& kept);

}  // namespace hls::tile
