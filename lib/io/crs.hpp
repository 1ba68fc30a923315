// SPDX-License-Identifier: Apache-2.0
// Coordinate reference systems as text: definitions, comparison, and what CF says of a projection.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hls::io {

struct CrsDescription {
    std::string wkt;   // WKT 2 of ISO 19162:2019
    std::string code;  // "EPSG:32610", empty if it has none
    bool geographic = false;
    // Attributes of a CF grid mapping variable (CF 1.10 appendix F) without crs_wkt; only the
    // ellipsoid for projections other than transverse Mercator and plain longitude and latitude.
    std::vector<std::pair<std::string, std::variant<std::string, double>>> cf_attributes;
};

// From "EPSG:32610", WKT or PROJ text. Throws Error{bad_input}.
CrsDescription describe_crs(const std::string& definition);

// True if both say the same, whatever their spelling and the order of their axes.
bool same_crs(const std::string& first, const std::string& second);

}  // namespace hls::io
