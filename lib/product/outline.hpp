// SPDX-License-Identifier: Apache-2.0
// Where a tile holds data, as the polygons that CMR and STAC want (tiling.md 5.6).
#pragma once

#include <cstdint>
#include <vector>

#include "core/view2d.hpp"
#include "geo/utm.hpp"
#include "io/raster.hpp"

namespace hls::product {

using Ring = std::vector<geo::LonLat>;  // clockwise, first point not repeated

// Collects the first and last pixel with data of every row of the mask.
class Outline {
 public:
    explicit Outline(int rows);

    // Rows of the Fmask layer starting at first_row; 255 is no data.
    void add_rows(int first_row, View2D<const std::uint8_t> mask);
    bool empty() const;

    // Convex hull of the data in longitude and latitude (8 decimals), simplified to 0.01 deg: one
    // ring, or two where the tile crosses the antimeridian. Fewer than three points give their
    // bounding rectangle; no data, no ring. Corners of pixels are meant, not centres.
    std::vector<Ring> rings(const io::Grid& grid) const;

 private:
    struct Span {
        int first = 0;
        int end = 0;  // one past the last; 0 for a row without data
    };
    std::vector<Span> spans_;
};

// Convex hull, clockwise from the point of smallest longitude. Exposed for tests.
Ring convex_hull(Ring points);

// Ring of fewer points, none of those dropped farther than `tolerance_deg` from it; at least a
// triangle stays. Starts where `ring` starts.
Ring simplified(const Ring& ring, double tolerance_deg);

}  // namespace hls::product
