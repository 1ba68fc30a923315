// SPDX-License-Identifier: Apache-2.0
// Where the pixels of a tile lie in a scene (tiling.md 2.2): a shift when both have the same UTM
// zone, a change of projection on a grid of nodes otherwise.
#pragma once

#include <span>
#include <string_view>

#include "core/view2d.hpp"
#include "io/raster.hpp"
#include "tile/range.hpp"

namespace hls::tile {

// The grid in the northern definition of its zone, so that northings south of the equator are
// negative. Throws Error{bad_input} naming `what` if it is not UTM.
io::Grid signed_grid(const io::Grid& grid, std::string_view what);

class ScenePosition {
 public:
    // Both signed_grid(), of equal pixel size.
    ScenePosition(const io::Grid& tile, const io::Grid& scene);

    // True if every tile pixel's centre is the corner of four scene pixels. Then the position of
    // tile pixel (r, c) is (r + row_shift(), c + col_shift()).
    bool on_corners() const { return on_corners_; }
    int row_shift() const noexcept { return static_cast<int>(same_zone_row(0)); }
    int col_shift() const noexcept { return static_cast<int>(same_zone_col(0)); }

    // Positions in scene pixels of the centres of a tile row. Between zones these are within
    // 1e-6 pixels of the exact change of projection, and tiles of one zone that overlap get the
    // same bits for the pixels they share.
    void row(int tile_row, std::span<double> rows, std::span<double> cols) const noexcept;

    // Scene rows that the 4 x 4 windows around these tile rows reach, and scene columns that those
    // around any tile pixel reach. May be more than needed; not clipped to the scene.
    Range scene_rows(Range tile_rows) const noexcept;
    Range scene_cols() const noexcept;

 private:
    double same_zone_row(int tile_row) const noexcept;
    double same_zone_col(int tile_col) const noexcept;
    void make_nodes();
    void interpolate(int tile_row, std::span<double> rows, std::span<double> cols) const noexcept;

    bool same_zone_ = false;
    bool on_corners_ = false;
    io::Grid tile_;
    io::Grid scene_;

    // Other zone: positions at pixels whose absolute index (counted from the origin of the
    // projection, rows southward) is a multiple of the spacing.
    int first_row_ = 0;  // absolute index of tile pixel (0, 0)
    int first_col_ = 0;
    Plane<double> node_rows_;
    Plane<double> node_cols_;
};

}  // namespace hls::tile
