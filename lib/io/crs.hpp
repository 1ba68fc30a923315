// SPDX-License-Identifier: Apache-2.0
// Coordinate reference systems as files and metadata conventions spell them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace hls::io {

struct CrsDescription {
    std::string wkt;  // WKT 2:2019 on one line
    int epsg = 0;     // 0: no code
    bool geographic = false;
    std::string unit;  // of the axes, as CF writes it: "m", "degrees_east" is for x only
    // CF grid mapping attributes (CF 1.10 appendix F), without crs_wkt; grid_mapping_name is left
    // out for projections that CF does not know.
    std::vector<std::pair<std::string, std::variant<std::string, double, std::vector<double>>>> cf;
};

// From "EPSG:32610", WKT, PROJJSON or a PROJ string. Throws Error{bad_input}.
CrsDescription describe_crs(std::string_view text);

// Whether both mean the same system, whatever the axis order and the spelling.
bool same_crs(std::string_view a, std::string_view b);

}  // namespace hls::io
