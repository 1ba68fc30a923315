// SPDX-License-Identifier: Apache-2.0
#include "intersect/scene_footprint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "geo/overlap.hpp"

namespace hls::intersect {
namespace {

using geo::EastNorth;
using geo::LonLat;

// Real scenes are up to a sixth longer than nominal ones; what differs more is a crop.
constexpr double kLeastOfNominal = 0.9;
constexpr double kMostOfNominal = 1.25;
constexpr int kPointsPerSide = 8;

struct Box {
    double west_m = 1e12;
    double east_m = -1e12;
    double south_m = 1e12;
    double north_m = -1e12;

    double width_m() const { return east_m - west_m; }
    double height_m() const { return north_m - south_m; }
};

Box box_of_raster(const granule::LandsatMetadata& mtl) {
    const double west = mtl.ul_outer_x_m();
    const double north = mtl.ul_outer_y_m();
    return {west, west + mtl.reflective.samples * mtl.reflective_cell_m,
            north - mtl.reflective.lines * mtl.reflective_cell_m, north};
}

Box box_of_points(const std::vector<EastNorth>& points) {
    Box box;
    for (const EastNorth& point : points) {
        box.west_m = std::min(box.west_m, point.x_m);
        box.east_m = std::max(box.east_m, point.x_m);
        box.south_m = std::min(box.south_m, point.y_m);
        box.north_m = std::max(box.north_m, point.y_m);
    }
    return box;
}

bool is_whole(double length_m, double nominal_m) {
    return length_m >= kLeastOfNominal * nominal_m && length_m <= kMostOfNominal * nominal_m;
}

std::vector<EastNorth> outline_of_box(const Box& box) {
    std::vector<EastNorth> outline;
    const EastNorth corners[]{{box.west_m, box.south_m},
                              {box.east_m, box.south_m},
                              {box.east_m, box.north_m},
                              {box.west_m, box.north_m},
                              {box.west_m, box.south_m}};
    for (int side = 0; side < 4; ++side) {
        const EastNorth& a = corners[side];
        const EastNorth& b = corners[side + 1];
        for (int k = 0; k < kPointsPerSide; ++k) {
            const double t = static_cast<double>(k) / kPointsPerSide;
            outline.push_back({a.x_m + t * (b.x_m - a.x_m), a.y_m + t * (b.y_m - a.y_m)});
        }
    }
    return outline;
}

geo::Region utm_footprint(const granule::LandsatMetadata& mtl) {
    const geo::Utm utm({mtl.utm_zone});
    const Box box = box_of_raster(mtl);
    std::vector<EastNorth> outline;
    const geo::Region scene = geo::scene_region({mtl.wrs_path, mtl.wrs_row});
    for (const LonLat& place : scene.rings().front()) outline.push_back(utm.forward(place));
    const Box nominal = box_of_points(outline);
    if (is_whole(box.width_m(), nominal.width_m()) &&
        is_whole(box.height_m(), nominal.height_m())) {
        for (EastNorth& point : outline) {
            point.x_m =
                box.west_m + (point.x_m - nominal.west_m) * box.width_m() / nominal.width_m();
            point.y_m =
                box.south_m + (point.y_m - nominal.south_m) * box.height_m() / nominal.height_m();
        }
    } else {
        outline = outline_of_box(box);
    }
    std::vector<LonLat> places;
    places.reserve(outline.size());
    for (const EastNorth& point : outline) places.push_back(utm.inverse(point));
    geo::Region region;
    region.add_outer(std::move(places));
    return region;
}

geo::Region polar_footprint(const granule::LandsatMetadata& mtl) {
    std::vector<LonLat> corners;
    for (const char* corner : {"LL", "LR", "UR", "UL"}) {
        LonLat place;
        for (const bool is_lon : {true, false}) {
            const auto key = fmt::format("CORNER_{}_{}_PRODUCT", corner, is_lon ? "LON" : "LAT");
            const auto it = mtl.keys.find(key);
            const auto value = it == mtl.keys.end() ? std::nullopt : to_double(it->second);
            if (!value)
                throw Error{Exit::bad_input, fmt::format("{}: {} is missing", mtl.source, key)};
            (is_lon ? place.lon_deg : place.lat_deg) = *value;
        }
        corners.push_back(place);
    }
    geo::Region region;
    region.add_outer(std::move(corners));
    return region;
}

}  // namespace

geo::Region scene_footprint(const granule::LandsatMetadata& mtl) {
    return mtl.projection == granule::MapProjection::utm ? utm_footprint(mtl)
                                                         : polar_footprint(mtl);
}

}  // namespace hls::intersect
