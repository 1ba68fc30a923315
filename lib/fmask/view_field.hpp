// SPDX-License-Identifier: Apache-2.0
// Viewing direction over a scene, on a coarse grid.
#pragma once

#include <cstdint>

#include "core/view2d.hpp"

namespace hls::fmask {

// Tangent of the view zenith times sine (east) and cosine (north) of the azimuth, which is the
// direction from the ground to the satellite, clockwise from north.
struct ViewTangent {
    double east = 0;
    double north = 0;
};

ViewTangent view_tangent(double zenith_deg, double azimuth_deg);

// Means over squares of kCell pixels; a field of one cell holds everywhere.
class ViewField {
 public:
    static constexpr int kCell = 32;

    // One direction everywhere; nadir if none is given.
    explicit ViewField(const ViewTangent& everywhere = {});
    // Cells for an image of that size, all of them unknown.
    ViewField(int rows, int cols);

    // Adds a pixel to the mean of its cell; from one thread per row of cells at a time.
    void add(int row, int col, const ViewTangent& view);
    // Ends the adding: means are made, and cells without a pixel take the mean of all.
    void finish();

    ViewTangent at(int row, int col) const;

 private:
    struct Cell {
        double east = 0;
        double north = 0;
        std::int64_t count = 0;
    };
    bool uniform_ = false;
    Plane<Cell> cells_;
};

}  // namespace hls::fmask
