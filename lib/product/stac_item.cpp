// SPDX-License-Identifier: Apache-2.0
// The STAC item of a product, laid out as the published ones (tiling.md 5.7).
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "product/layers.hpp"
#include "product/number_text.hpp"
#include "product/product_metadata.hpp"
#include "product/vegetation_indices.hpp"

namespace hls::product {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kArchive = "https://data.lpdaac.earthdatacloud.nasa.gov";
constexpr std::string_view kCogType = "image/tiff; application=geotiff; profile=cloud-optimized";
constexpr std::string_view kExtensions[] = {
    "https://stac-extensions.github.io/eo/v1.1.0/schema.json",
    "https://stac-extensions.github.io/projection/v1.1.0/schema.json",
    "https://stac-extensions.github.io/view/v1.0.0/schema.json",
    "https://stac-extensions.github.io/scientific/v1.0.0/schema.json",
};

// "<archive>/lp-prod-<access>/HLSL30.020/<id>/<id><ending>"
std::string address(const granule::HlsId& id, std::string_view access, std::string_view ending) {
    const std::string name = granule::format_hls_id(id);
    return fmt::format("{}/lp-prod-{}/{}.020/{}/{}{}", kArchive, access, collection_name(id), name,
                       name, ending);
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    return text;
}

Json geometry(const std::vector<Ring>& outline) {
    Json polygons = Json::array();
    for (const Ring& ring : outline) {
        Json points = Json::array();
        for (const auto& point : ring)
            points.push_back(Json::array({point.lon_deg, point.lat_deg}));
        points.push_back(points.front());
        polygons.push_back(Json::array({std::move(points)}));
    }
    return {{"type", "MultiPolygon"}, {"coordinates", std::move(polygons)}};
}

// West, south, east, north; where the outline crosses the antimeridian west is greater than east,
// as GeoJSON wants it.
Json bounding_box(const std::vector<Ring>& outline) {
    double west = 180, east = -180, south = 90, north = -90;
    double west_of_eastern = 180, east_of_western = -180;
    for (const Ring& ring : outline)
        for (const auto& point : ring) {
            west = std::min(west, point.lon_deg);
            east = std::max(east, point.lon_deg);
            south = std::min(south, point.lat_deg);
            north = std::max(north, point.lat_deg);
            if (point.lon_deg > 0) west_of_eastern = std::min(west_of_eastern, point.lon_deg);
            if (point.lon_deg < 0) east_of_western = std::max(east_of_western, point.lon_deg);
        }
    if (outline.size() > 1) return Json::array({west_of_eastern, south, east_of_western, north});
    return Json::array({west, south, east, north});
}

Json properties(const ProductInfo& info, const granule::HlsId& id) {
    const TimeRange range = sensing_range(info);
    const io::Grid& grid = info.grid;
    return {
        {"start_datetime", format_utc(range.begin, 6)},
        {"end_datetime", format_utc(range.end, 6)},
        {"platform", lower(platform_name(info))},
        {"instruments", Json::array({id.sensor == granule::HlsSensor::l30 ? "oli" : "msi"})},
        {"eo:cloud_cover", static_cast<double>(info.cloud_coverage)},
        {"proj:transform", Json::array({grid.pixel_m, 0.0, grid.ulx_m, 0.0, -grid.pixel_m,
                                        grid.uly_m, 0.0, 0.0, 1.0})},
        {"proj:shape", Json::array({grid.rows, grid.cols})},
        {"proj:epsg", grid.epsg},
        {"view:sun_azimuth", rounded_to_8_decimals(info.mean_sun_azimuth_deg)},
        {"view:azimuth", rounded_to_8_decimals(info.mean_view_azimuth_deg)},
        {"sci:doi", product_doi(id)},
        {"datetime", format_utc(range.begin, 6)},
    };
}

Json asset(const granule::HlsId& id, std::string_view layer, Json band) {
    return {{"href", address(id, "protected", fmt::format(".{}.tif", layer))},
            {"type", kCogType},
            {"eo:bands", Json::array({std::move(band)})},
            {"roles", Json::array({"data"})}};
}

Json assets(const granule::HlsId& id) {
    Json all = Json::object();
    if (id.vi) {
        for (const auto& index : vegetation_indices())
            all[std::string(index.name)] =
                asset(id, index.name, {{"name", index.name}, {"common_name", index.name}});
    } else {
        for (const LayerSpec& layer : layers(id.sensor)) {
            Json band{{"name", layer.name}};
            if (!layer.common_name.empty()) band["common_name"] = layer.common_name;
            if (layer.center_um > 0) {
                band["center_wavelength"] = layer.center_um;
                band["full_width_half_max"] = layer.fwhm_um;
            }
            all[std::string(layer.name)] = asset(id, layer.name, std::move(band));
        }
    }
    all["thumbnail"] = {{"href", address(id, "public", ".jpg")},
                        {"type", "image/jpeg"},
                        {"roles", Json::array({"thumbnail"})}};
    return all;
}

}  // namespace

std::string stac_item(const ProductInfo& info, const granule::HlsId& id,
                      const std::vector<Ring>& outline) {
    Json item{{"type", "Feature"},
              {"stac_version", "1.0.0"},
              {"id", granule::format_hls_id(id)},
              {"properties", properties(info, id)}};
    item["geometry"] = geometry(outline);
    item["links"] = Json::array({
        {{"rel", "self"},
         {"href", address(id, "public", "_stac.json")},
         {"type", "application/json"}},
        {{"rel", "cite-as"}, {"href", "https://doi.org/" + product_doi(id)}},
    });
    item["assets"] = assets(id);
    item["bbox"] = bounding_box(outline);
    item["stac_extensions"] = kExtensions;
    return item.dump(2) + "\n";
}

}  // namespace hls::product
