// SPDX-License-Identifier: Apache-2.0
// What a user asks about: a scene, a tile, an area or a place.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "geo/mgrs.hpp"
#include "geo/region.hpp"
#include "geo/wrs2.hpp"

namespace hls::intersect {

// Either a tile, or a region and points; a region of a scene has its path and row too.
struct Query {
    std::string text;  // as given: one line, or the file's name
    std::optional<geo::MgrsTile> tile;
    std::optional<geo::PathRow> scene;
    geo::Region region;
    std::vector<geo::LonLat> points;
};

// Reads one of: PPPRRR, tile id, Landsat product id, LON,LAT, WEST,SOUTH,EAST,NORTH, a line of JSON
// (GeoJSON or a USGS message), or the name of a file that holds an MTL, GeoJSON or a message; a
// folder or .tar stands for the MTL in it. `place` says where the text stood ("argument", "stdin
// line 3"); texts that mean nothing and ids that do not exist end with `code`. Files: missing_input
// when absent or unreadable, bad_input when they are none of these.
Query parse_query(std::string_view text, std::string_view place, Exit code);

// Reads queries from a stream: one a line, blank lines and lines that start with '#' left out; a
// JSON object may run over several lines.
class QueryReader {
 public:
    QueryReader(std::istream& in, std::string name) : in_(in), name_(std::move(name)) {}

    std::optional<Query> next();

 private:
    std::istream& in_;
    std::string name_;
    int line_ = 0;
};

}  // namespace hls::intersect
