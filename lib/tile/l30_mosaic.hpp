// SPDX-License-Identifier: Apache-2.0
// The scenes of one Landsat pass on the grid of a tile, strip by strip (tiling.md 2.2-2.7, 2.10).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/view2d.hpp"
#include "io/raster.hpp"
#include "scene/ac_scene.hpp"
#include "tile/nbar.hpp"
#include "tile/scene_position.hpp"
#include "tile/scene_window.hpp"
#include "tile/tile_summary.hpp"

namespace hls::tile {

// Some rows of the tile at full width, in the stored values of the product.
struct L30Strip {
    L30Strip(int rows, int cols);

    AngleRow angle_row(int row) const;

    std::array<Plane<std::int16_t>, SceneWindow::kBands> bands;  // B01..B07, B09, B10, B11
    Plane<std::uint8_t> fmask;
    std::array<Plane<std::uint16_t>, SceneWindow::kAngles> angles;  // SZA, SAA, VZA, VAA
};

struct L30Summary {
    CoverageCounts coverage;  // before pixels without angles are blanked
    AngleSums angles;
    std::vector<std::int64_t> contributed;  // pixels of each scene's reflectance in the mosaic
};

// One pass over the tile from north to south.
class L30Mosaic {
 public:
    // `tile` has signed northings. Order matters: the first valid reflectance wins, the last valid
    // angles do. Scenes that do not reach the tile are legal. Throws Error{bad_input} as
    // SceneWindow does.
    L30Mosaic(const io::Grid& tile, std::span<const scene::AcScene> scenes, int threads);

    // False if no scene reaches the tile.
    bool overlaps() const;

    // Rows [first_row, first_row + strip rows) before NBAR; pixels of every layer that no scene
    // has are fill. Ascending first_row only.
    void read_strip(int first_row, L30Strip& strip);

    // Of all strips read so far.
    const L30Summary& summary() const { return summary_; }

 private:
    struct Source {
        std::size_t listed = 0;  // position in the list of scenes
        io::Grid grid;
        ScenePosition position;
        SceneWindow window;
        Range rows;  // of the scene that the current strip needs; empty: it does not reach it
    };

    void move_windows(Range tile_rows);

    io::Grid tile_;
    std::vector<Source> sources_;  // those that reach the tile, in list order
    int threads_;
    L30Summary summary_;
};

// Reflectance of a strip as NBAR, in place. Pixels that have reflectance but no sun zenith become
// fill in all bands and the mask.
void normalize_strip(const Nbar& nbar, L30Strip& strip, int threads);

}  // namespace hls::tile
