// SPDX-License-Identifier: Apache-2.0
// Places on the Earth bounded by rings of longitude and latitude.
#pragma once

#include <string_view>
#include <vector>

#include "geo/utm.hpp"

namespace hls::geo {

// Closed without repeating its first point. Longitudes are continuous: they run on past +-180 where
// the ring crosses the antimeridian. Outer rings run counter-clockwise and holes clockwise, so that
// areas add up. Edges are straight in longitude and latitude.
using Ring = std::vector<LonLat>;

struct Bounds {
    double west_deg = -180;  // west > east crosses the antimeridian
    double south_deg = -90;
    double east_deg = 180;
    double north_deg = 90;
};

class Region {
 public:
    Region() = default;

    // An outer ring or a hole in any direction, with or without its first point repeated. An edge
    // of more than 180 degrees is taken to cross the antimeridian, except one of exactly 360, and a
    // ring around a pole is closed over it.
    void add_outer(std::vector<LonLat> points);
    void add_hole(std::vector<LonLat> points);

    static Region of_bounds(const Bounds& bounds);

    const std::vector<Ring>& rings() const noexcept { return rings_; }
    bool empty() const noexcept { return rings_.empty(); }

 private:
    void add(std::vector<LonLat> points, bool outer);

    std::vector<Ring> rings_;
};

// Areas and points of a GeoJSON object (RFC 7946): geometries, features and collections of them.
// Lines are refused. Throws Error{bad_input} naming `source`.
struct GeoShapes {
    Region region;
    std::vector<LonLat> points;
};
GeoShapes parse_geojson(std::string_view text, std::string_view source);

}  // namespace hls::geo
