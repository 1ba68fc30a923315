// SPDX-License-Identifier: Apache-2.0
#include "chip/parcel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "chip/draw.hpp"
#include "chip/pixel_polygon.hpp"
#include "core/error.hpp"
#include "core/parse.hpp"

namespace hls::chip {
namespace {

constexpr char kSeparator = '\x1f';

double area_m2(const io::PolygonFeature& feature, const TileFrame& frame) {
    double area = 0;
    for (const auto& part : feature.parts) area += polygon_area(to_pixels(part, frame, 1));
    return area;
}

CellKey cell_of(const ChipWindow& window, geo::LonLat point, const ParcelRules& rules) {
    const auto cell = [](double value, double size) {
        return static_cast<int>(std::floor(value / size));
    };
    if (rules.grid.kind == CellGrid::Kind::degrees)
        return {window.tile.id(), cell(point.lon_deg, rules.grid.size),
                cell(point.lat_deg, rules.grid.size)};
    const double centre = rules.shape.size_px / 2.;
    return {window.tile.id(), cell(window.col + centre, rules.grid.size),
            cell(window.row + centre, rules.grid.size)};
}

}  // namespace

CellGrid parse_cell_grid(std::string_view text) {
    const auto colon = text.find(':');
    const auto kind = text.substr(0, colon);
    const double size = colon == text.npos ? 0 : to_double(text.substr(colon + 1)).value_or(0);
    if (kind == "deg" && size >= 0.001 && size <= 10) return {CellGrid::Kind::degrees, size};
    if (kind == "mgrs" && size >= 64 && size == std::floor(size))
        return {CellGrid::Kind::tile_blocks, size};
    throw Error(Exit::usage, fmt::format("'{}' is no grid", text),
                "write deg:<degrees> or mgrs:<pixels>, as in deg:0.05 or mgrs:2048");
}

std::string format_cell_grid(const CellGrid& grid) {
    return fmt::format("{}:{}", grid.kind == CellGrid::Kind::degrees ? "deg" : "mgrs", grid.size);
}

bool crosses_antimeridian(const io::PolygonFeature& feature) noexcept {
    double west = 180, east = -180;
    for (const auto& part : feature.parts)
        for (const auto& ring : part.rings)
            for (const auto& point : ring) {
                west = std::min(west, point.lon_deg);
                east = std::max(east, point.lon_deg);
            }
    return east - west > 180;
}

std::optional<int> class_of(const io::PolygonFeature& feature, const ClassMap& map, bool climb,
                            Unfit& why) {
    const auto code = normal_code(feature.code);
    const std::string_view text = code ? std::string_view(*code) : std::string_view();
    const auto klass = climb ? map.find_climbing(text, feature.name) : map.find(text, feature.name);
    if (!klass) why = code ? Unfit::unmapped : Unfit::code;
    return klass;
}

std::optional<Parcel> make_parcel(const io::PolygonFeature& feature, const ClassMap& map,
                                  const ParcelRules& rules, Unfit& why) {
    why = Unfit::none;
    const auto klass = class_of(feature, map, rules.climb_class_map, why);
    if (!klass) return std::nullopt;
    const auto refuse = [&](Unfit reason) {
        why = reason;
        return std::nullopt;
    };
    if (*klass == 0) return refuse(Unfit::other_class);
    if (feature.parts.empty()) return refuse(Unfit::geometry);
    if (crosses_antimeridian(feature)) return refuse(Unfit::antimeridian);
    Parcel parcel;
    parcel.id = feature.id;
    parcel.key = rules.layer + kSeparator + feature.id;
    parcel.klass = *klass;
    parcel.point = {feature.point.lon_deg, feature.point.lat_deg};
    parcel.centroid = feature.centroid_inside;
    const auto window = place_window(parcel.point, rules.shape);
    if (!window) return refuse(Unfit::edge);
    parcel.window = *window;
    parcel.area_m2 = area_m2(feature, tile_frame(window->tile, rules.shape));
    if (parcel.area_m2 < rules.min_area_m2) return refuse(Unfit::small);
    parcel.cell = cell_of(*window, parcel.point, rules);
    parcel.u = draw(rules.seed, parcel.key);
    return parcel;
}

}  // namespace hls::chip
