// SPDX-License-Identifier: Apache-2.0
// AcScene, Sentinel2AcScene <-> scene.json (STAC 1.0.0 items; share/schemas/ac-scene*.json).
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "scene/ac_scene.hpp"
#include "scene/sentinel2_ac_scene.hpp"

namespace hls::scene {
namespace {

using Json = nlohmann::ordered_json;
using Ring = std::vector<std::pair<double, double>>;

constexpr std::string_view kExtensions[] = {
    "https://stac-extensions.github.io/eo/v1.0.0/schema.json",
    "https://stac-extensions.github.io/projection/v1.0.0/schema.json",
    "https://stac-extensions.github.io/raster/v1.1.0/schema.json",
    "https://stac-extensions.github.io/view/v1.0.0/schema.json",
};

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

// The part of a convex ring on one side of the antimeridian (Sutherland-Hodgman, one edge).
Ring clip_at_180(const Ring& ring, bool keep_west) {
    constexpr double kEdge = 180;
    Ring kept;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const auto& a = ring[i];
        const auto& b = ring[(i + 1) % ring.size()];
        const bool a_in = keep_west ? a.first <= kEdge : a.first >= kEdge;
        const bool b_in = keep_west ? b.first <= kEdge : b.first >= kEdge;
        if (a_in) kept.push_back(a);
        if (a_in != b_in) {
            const double part = (kEdge - a.first) / (b.first - a.first);
            kept.emplace_back(kEdge, a.second + part * (b.second - a.second));
        }
    }
    return kept;
}

Json closed_ring(const Ring& ring, double lon_shift) {
    Json points = Json::array();
    for (const auto& [lon, lat] : ring) points.push_back({lon + lon_shift, lat});
    points.push_back(points.front());
    return Json::array({points});
}

double largest_longitude(const Ring& ring) {
    return std::max_element(ring.begin(), ring.end())->first;
}

// RFC 7946: a geometry across the antimeridian is cut there, and its box has west > east.
Json geometry_of(const Ring& ring) {
    if (largest_longitude(ring) <= 180)
        return {{"type", "Polygon"}, {"coordinates", closed_ring(ring, 0)}};
    return {{"type", "MultiPolygon"},
            {"coordinates", Json::array({closed_ring(clip_at_180(ring, true), 0),
                                         closed_ring(clip_at_180(ring, false), -360)})}};
}

Json box_of(const Ring& ring) {
    const auto by_latitude = [](const auto& a, const auto& b) { return a.second < b.second; };
    const auto [south, north] = std::minmax_element(ring.begin(), ring.end(), by_latitude);
    const double east = largest_longitude(ring);
    return {std::min_element(ring.begin(), ring.end())->first, south->second,
            east > 180 ? east - 360 : east, north->second};
}

Json asset_of(const std::string& product_id, const std::string& name, const io::Layer& layer) {
    Json band{{"data_type", io::pixel_type_name(layer.type)}};
    if (layer.nodata) band["nodata"] = *layer.nodata;
    if (layer.scale != 1 || layer.offset != 0) {
        band["scale"] = layer.scale;
        band["offset"] = layer.offset;
    }
    if (!layer.unit.empty()) band["unit"] = layer.unit;
    return {{"href", "./" + ac_file_name(product_id, name)},
            {"type", "image/tiff; application=geotiff"},
            {"title", layer.description},
            {"roles", Json::array({"data"})},
            {"raster:bands", Json::array({band})}};
}

Json common_properties(const AcScene& scene) {
    const io::Grid& g = scene.grid;
    Json instruments = Json::array();
    for (const auto part : split(scene.sensor, '_'))
        instruments.push_back(lower(std::string(part)));
    std::string platform = lower(scene.spacecraft);
    std::replace(platform.begin(), platform.end(), '_', '-');
    Json p{{"datetime", format_utc(scene.sensing_time, 6)},
           {"created", format_utc(scene.processing_time)},
           {"platform", platform},
           {"instruments", instruments},
           {"gsd", g.pixel_m}};
    if (scene.cloud_cover_percent) p["eo:cloud_cover"] = *scene.cloud_cover_percent;
    p["proj:epsg"] = g.epsg;
    p["proj:shape"] = {g.rows, g.cols};
    p["proj:transform"] = {g.pixel_m, 0.0, g.ulx_m, 0.0, -g.pixel_m, g.uly_m};
    p["view:sun_azimuth"] = scene.sun_azimuth_deg;
    p["view:sun_elevation"] = scene.sun_elevation_deg;
    return p;
}

// What the tags and metadata of an HLS product are made of (tiling.md 5.3), under the names used
// there.
void add_hls_properties(const AcScene& scene, Json& p) {
    p["hls:LANDSAT_PRODUCT_ID"] = scene.product_id;
    p["hls:LANDSAT_SCENE_ID"] = scene.scene_id;
    p["hls:SPACECRAFT"] = scene.spacecraft;
    p["hls:SENSOR"] = scene.sensor;
    p["hls:PROCESSING_LEVEL"] = scene.level;
    p["hls:COLLECTION_CATEGORY"] = scene.category;
    p["hls:WRS_PATH"] = scene.wrs_path;
    p["hls:WRS_ROW"] = scene.wrs_row;
    p["hls:SENSING_TIME"] = scene.sensing_time_text;
    p["hls:L1_PROCESSING_TIME"] = scene.l1_processing_time_text;
    p["hls:USGS_SOFTWARE"] = scene.l1_software;
    p["hls:TIRS_SSM_MODEL"] = scene.tirs_ssm_model;
    p["hls:TIRS_SSM_POSITION_STATUS"] = scene.tirs_ssm_position_status;
    p["hls:HORIZONTAL_CS_NAME"] = fmt::format("UTM, WGS84, UTM ZONE {}", scene.grid.epsg % 100);
    p["hls:ULX"] = scene.grid.ulx_m;
    p["hls:ULY"] = scene.grid.uly_m;
    p["hls:ACCODE"] = scene.software;
    p["hls:CLOUD_MASKING_CODE"] = scene.mask_source;
    p["hls:ancillary"] = scene.ancillary;
    p["hls:params"] = scene.params;
}

io::Grid grid_from(const Json& p) {
    const auto shape = p.at("proj:shape").get<std::array<int, 2>>();
    const auto transform = p.at("proj:transform").get<std::vector<double>>();
    if (transform.size() < 6)
        throw Error{Exit::bad_input, "proj:transform has less than 6 numbers"};
    return {shape[0],     shape[1],     transform[2],
            transform[5], transform[0], p.at("proj:epsg").get<int>()};
}

AcScene scene_from(const Json& item) {
    const Json& p = item.at("properties");
    const auto text = [&](const char* key) { return p.at(key).get<std::string>(); };
    AcScene scene;
    scene.product_id = text("hls:LANDSAT_PRODUCT_ID");
    scene.scene_id = text("hls:LANDSAT_SCENE_ID");
    scene.spacecraft = text("hls:SPACECRAFT");
    scene.sensor = text("hls:SENSOR");
    scene.level = text("hls:PROCESSING_LEVEL");
    scene.category = text("hls:COLLECTION_CATEGORY");
    scene.wrs_path = p.at("hls:WRS_PATH").get<int>();
    scene.wrs_row = p.at("hls:WRS_ROW").get<int>();
    scene.sensing_time = parse_utc(text("datetime"));
    scene.sensing_time_text = text("hls:SENSING_TIME");
    scene.l1_processing_time_text = text("hls:L1_PROCESSING_TIME");
    scene.l1_software = text("hls:USGS_SOFTWARE");
    scene.tirs_ssm_model = text("hls:TIRS_SSM_MODEL");
    scene.tirs_ssm_position_status = text("hls:TIRS_SSM_POSITION_STATUS");
    scene.grid = grid_from(p);
    scene.sun_azimuth_deg = p.at("view:sun_azimuth").get<double>();
    scene.sun_elevation_deg = p.at("view:sun_elevation").get<double>();
    if (p.contains("eo:cloud_cover")) scene.cloud_cover_percent = p["eo:cloud_cover"].get<double>();
    scene.software = text("hls:ACCODE");
    scene.processing_time = parse_utc(text("created"));
    scene.mask_source = text("hls:CLOUD_MASKING_CODE");
    scene.ancillary = p.at("hls:ancillary").get<std::vector<std::string>>();
    scene.params = p.at("hls:params").get<std::map<std::string, std::string>>();
    for (const auto name : landsat_ac_layers())
        if (item.at("assets").contains(name)) scene.layers.emplace_back(name);
    return scene;
}

// Of a Sentinel-2 scene, under the names of HLS products.
Json sentinel2_properties(const Sentinel2AcScene& scene) {
    const io::Grid& g = scene.grid;
    Json p{{"datetime", format_utc(scene.sensing_time, 6)},
           {"created", format_utc(scene.processing_time)},
           {"platform", lower(scene.spacecraft)},
           {"instruments", Json::array({"msi"})},
           {"gsd", g.pixel_m}};
    if (scene.cloud_cover_percent) p["eo:cloud_cover"] = *scene.cloud_cover_percent;
    p["proj:epsg"] = g.epsg;
    p["proj:shape"] = {g.rows, g.cols};
    p["proj:transform"] = {g.pixel_m, 0.0, g.ulx_m, 0.0, -g.pixel_m, g.uly_m};
    p["view:sun_azimuth"] = scene.sun_azimuth_deg;
    p["view:sun_elevation"] = 90 - scene.sun_zenith_deg;
    p["hls:PRODUCT_URI"] = scene.product_uri;
    p["hls:SPACECRAFT_NAME"] = scene.spacecraft;
    p["hls:MGRS_TILE_ID"] = scene.tile;
    p["hls:DATATAKE_SENSING_START"] = format_utc(scene.datatake_start, 6);
    p["hls:RELATIVE_ORBIT"] = scene.relative_orbit;
    p["hls:TILE_ID"] = scene.tile_id;
    p["hls:DATASTRIP_ID"] = scene.datastrip_id;
    p["hls:PROCESSING_BASELINE"] = scene.baseline;
    p["hls:SENSING_TIME"] = scene.sensing_time_text;
    p["hls:L1_PROCESSING_TIME"] = scene.l1_processing_time_text;
    p["hls:L1C_IMAGE_QUALITY"] = scene.image_quality;
    p["hls:MEAN_SUN_ZENITH_ANGLE"] = scene.sun_zenith_deg;
    p["hls:ACCODE"] = scene.software;
    p["hls:CLOUD_MASKING_CODE"] = scene.mask_source;
    p["hls:ancillary"] = scene.ancillary;
    p["hls:params"] = scene.params;
    return p;
}

Sentinel2AcScene sentinel2_scene_from(const Json& item) {
    const Json& p = item.at("properties");
    const auto text = [&](const char* key) { return p.at(key).get<std::string>(); };
    Sentinel2AcScene scene;
    scene.product_id = item.at("id").get<std::string>();
    scene.product_uri = text("hls:PRODUCT_URI");
    scene.tile = text("hls:MGRS_TILE_ID");
    scene.spacecraft = text("hls:SPACECRAFT_NAME");
    scene.datatake_start = parse_utc(text("hls:DATATAKE_SENSING_START"));
    scene.relative_orbit = p.at("hls:RELATIVE_ORBIT").get<int>();
    scene.tile_id = text("hls:TILE_ID");
    scene.datastrip_id = text("hls:DATASTRIP_ID");
    scene.baseline = text("hls:PROCESSING_BASELINE");
    scene.sensing_time = parse_utc(text("datetime"));
    scene.sensing_time_text = text("hls:SENSING_TIME");
    scene.l1_processing_time_text = text("hls:L1_PROCESSING_TIME");
    scene.image_quality = text("hls:L1C_IMAGE_QUALITY");
    scene.grid = grid_from(p);
    scene.sun_zenith_deg = p.at("hls:MEAN_SUN_ZENITH_ANGLE").get<double>();
    scene.sun_azimuth_deg = p.at("view:sun_azimuth").get<double>();
    if (p.contains("eo:cloud_cover")) scene.cloud_cover_percent = p["eo:cloud_cover"].get<double>();
    scene.software = text("hls:ACCODE");
    scene.processing_time = parse_utc(text("created"));
    scene.mask_source = text("hls:CLOUD_MASKING_CODE");
    scene.ancillary = p.at("hls:ancillary").get<std::vector<std::string>>();
    scene.params = p.at("hls:params").get<std::map<std::string, std::string>>();
    for (const auto name : sentinel2_ac_layers())
        if (item.at("assets").contains(name)) scene.layers.emplace_back(name);
    return scene;
}

// The product id becomes part of file names.
bool is_file_name(std::string_view text) {
    return !text.empty() && text.front() != '.' && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '_' || c == '-' || c == '.';
    });
}

std::string item_text(const std::string& id, const Ring& ring, const Json& properties,
                      const Json& assets) {
    const Json item{{"type", "Feature"},
                    {"stac_version", "1.0.0"},
                    {"stac_extensions", kExtensions},
                    {"id", id},
                    {"geometry", geometry_of(ring)},
                    {"bbox", box_of(ring)},
                    {"properties", properties},
                    {"links", Json::array()},
                    {"assets", assets}};
    return item.dump(2) + "\n";
}

bool has_property(std::string_view text, const char* key) {
    const Json item = Json::parse(text, nullptr, false);
    return item.is_object() && item.contains("properties") && item["properties"].contains(key);
}

// Whatever is wrong with a scene.json becomes one bad_input that names it.
template <typename Parse>
auto parsed(std::string_view source, Parse parse) {
    try {
        return parse();
    } catch (const Json::exception& error) {
        throw Error{Exit::bad_input, fmt::format("{}: not a scene: {}", source, error.what())};
    } catch (const Error& error) {
        throw Error{Exit::bad_input, fmt::format("{}: not a scene: {}", source, error.message)};
    }
}

}  // namespace

std::string scene_json(const AcScene& scene) {
    const Ring ring = footprint(scene.grid);
    Json properties = common_properties(scene);
    add_hls_properties(scene, properties);
    Json assets = Json::object();
    for (const auto& layer : scene.layers)
        assets[layer] = asset_of(scene.product_id, layer, landsat_ac_layer(layer));
    return item_text(scene.product_id, ring, properties, assets);
}

AcScene parse_scene_json(std::string_view text, std::string_view source) {
    return parsed(source, [&] {
        AcScene scene = scene_from(Json::parse(text));
        // The product id becomes part of file names.
        if (!granule::parse_landsat_product_id(scene.product_id))
            throw Error{Exit::bad_input, fmt::format("{} is no product id", scene.product_id)};
        return scene;
    });
}

std::string sentinel2_scene_json(const Sentinel2AcScene& scene) {
    Json assets = Json::object();
    for (const auto& layer : scene.layers)
        assets[layer] = asset_of(scene.product_id, layer, sentinel2_ac_layer(layer));
    return item_text(scene.product_id, footprint(scene.grid), sentinel2_properties(scene), assets);
}

Sentinel2AcScene parse_sentinel2_scene_json(std::string_view text, std::string_view source) {
    return parsed(source, [&] {
        Sentinel2AcScene scene = sentinel2_scene_from(Json::parse(text));
        if (!is_file_name(scene.product_id))
            throw Error{Exit::bad_input, fmt::format("{} is no product id", scene.product_id)};
        const io::Grid& grid = scene.grid;
        if (grid.pixel_m != kSentinel2PixelM || grid.rows < kSentinel2Cell ||
            grid.cols < kSentinel2Cell || grid.rows % kSentinel2Cell != 0 ||
            grid.cols % kSentinel2Cell != 0)
            throw Error{Exit::bad_input, fmt::format("a grid of {} x {} pixels of {} m", grid.rows,
                                                     grid.cols, grid.pixel_m)};
        return scene;
    });
}

bool is_landsat_scene_json(std::string_view text) {
    return has_property(text, "hls:LANDSAT_PRODUCT_ID");
}

bool is_sentinel2_scene_json(std::string_view text) {
    return has_property(text, "hls:MGRS_TILE_ID");
}

}  // namespace hls::scene
