// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "geo/region.hpp"

namespace hls::geo {
namespace {

using Json = nlohmann::json;

constexpr int kDeepest = 16;

class GeoJsonReader {
 public:
    explicit GeoJsonReader(std::string_view source) : source_(source) {}

    void read(const Json& object, int depth = 0) {
        if (depth > kDeepest) refuse("GeoJSON collections nest too deep");
        if (!object.is_object() || !object.contains("type") || !object["type"].is_string())
            refuse("not a GeoJSON object");
        const auto type = object["type"].get<std::string>();
        if (type == "FeatureCollection")
            for (const Json& feature : array_of(object, "features")) read(feature, depth + 1);
        else if (type == "Feature")
            read_feature(object, depth + 1);
        else if (type == "GeometryCollection")
            for (const Json& geometry : array_of(object, "geometries")) read(geometry, depth + 1);
        else if (type == "Polygon")
            read_polygon(array_of(object, "coordinates"));
        else if (type == "MultiPolygon")
            for (const Json& polygon : array_of(object, "coordinates")) read_polygon(polygon);
        else if (type == "Point")
            shapes_.points.push_back(place_of(array_of(object, "coordinates")));
        else if (type == "MultiPoint")
            for (const Json& point : array_of(object, "coordinates"))
                shapes_.points.push_back(place_of(point));
        else
            refuse(fmt::format("GeoJSON of type '{}' covers no area", type));
    }

    GeoShapes finish() && {
        if (shapes_.region.empty() && shapes_.points.empty()) refuse("no area and no point");
        return std::move(shapes_);
    }

 private:
    [[noreturn]] void refuse(std::string_view what) const {
        throw Error{Exit::bad_input, fmt::format("{}: {}", source_, what),
                    "give GeoJSON polygons or points in longitude and latitude"};
    }

    const Json& array_of(const Json& object, const char* key) const {
        const auto it = object.find(key);
        if (it == object.end() || !it->is_array())
            refuse(fmt::format("GeoJSON has no array '{}'", key));
        return *it;
    }

    void read_feature(const Json& feature, int depth) {
        const auto it = feature.find("geometry");
        if (it != feature.end() && !it->is_null()) read(*it, depth);
    }

    LonLat place_of(const Json& position) const {
        if (!position.is_array() || position.size() < 2 || !position[0].is_number() ||
            !position[1].is_number())
            refuse("a position is not [longitude, latitude]");
        const LonLat place{position[0].get<double>(), position[1].get<double>()};
        if (!(std::abs(place.lon_deg) <= 360) || !(std::abs(place.lat_deg) <= 90))
            refuse(
                fmt::format("position [{}, {}] is not on the Earth", place.lon_deg, place.lat_deg));
        return place;
    }

    void read_polygon(const Json& polygon) {
        if (!polygon.is_array()) refuse("a polygon is not an array of rings");
        bool outer = true;
        for (const Json& ring : polygon) {
            if (!ring.is_array() || ring.size() < 4) refuse("a ring has fewer than 4 positions");
            std::vector<LonLat> points;
            points.reserve(ring.size());
            for (const Json& position : ring) points.push_back(place_of(position));
            if (outer)
                shapes_.region.add_outer(std::move(points));
            else
                shapes_.region.add_hole(std::move(points));
            outer = false;
        }
    }

    std::string_view source_;
    GeoShapes shapes_;
};

}  // namespace

GeoShapes parse_geojson(std::string_view text, std::string_view source) {
    const Json object = Json::parse(text, nullptr, false);
    if (object.is_discarded()) throw Error{Exit::bad_input, fmt::format("{}: not JSON", source)};
    GeoJsonReader reader(source);
    reader.read(object);
    return std::move(reader).finish();
}

}  // namespace hls::geo
