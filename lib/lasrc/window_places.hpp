// SPDX-License-Identifier: Apache-2.0
// Latitude and longitude of windows: exact at nodes of a coarse grid, quadratic between.
#pragma once

#include "ancillary/cmg.hpp"
#include "core/view2d.hpp"
#include "io/raster.hpp"
#include "lasrc/quirks.hpp"

namespace hls::lasrc {

class WindowPlaces {
 public:
    // `grid` is UTM (EPSG 326zz with signed northings, or 327zz). Nodes every 16 windows (1.44 km)
    // keep the error of interpolation below 1e-8 deg. Throws Error{bad_input} for another
    // projection.
    WindowPlaces(const io::Grid& grid, const Quirks& quirks);

    // Of windows of `size` x `size` pixels that fill the grid: the outer corners of their
    // upper-left pixels (lasrc.md 3.1 a, Sentinel-2).
    static WindowPlaces of_corners(const io::Grid& grid, int size);

    // Landsat: of the pixel at the window's centre; one half pixel north of its centre line with
    // the quirk (lasrc.md 3.1 b). Longitude within 1e-6 deg of -180..180.
    ancillary::GeoPoint at(int window_row, int window_col) const noexcept;

 private:
    WindowPlaces() = default;
    // `row_of` and `col_of` give the place in the grid, in pixels, of a window.
    template <typename RowOf, typename ColOf>
    void fill(const io::Grid& grid, int rows, int cols, RowOf row_of, ColOf col_of);

    Plane<double> latitude_;
    Plane<double> longitude_;  // continuous, so it may pass 180
};

// Latitude and longitude of a point of the grid given in pixels from its upper left corner.
ancillary::GeoPoint place_of(const io::Grid& grid, double row, double col);

}  // namespace hls::lasrc
