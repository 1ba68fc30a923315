// SPDX-License-Identifier: Apache-2.0
#include "zarr/conventions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/error.hpp"
#include "io/crs.hpp"
#include "zarr/base64.hpp"

namespace hls::zarr {
namespace {

void require_north_up(const GeoGrid& grid) {
    const auto& t = grid.transform;
    if (t[2] != 0 || t[4] != 0 || t[1] == 0 || t[5] == 0)
        throw Error{Exit::bad_input,
                    fmt::format("a grid with transform {} {} {} {} {} {} has no coordinates of its "
                                "own along y and x",
                                t[0], t[1], t[2], t[3], t[4], t[5])};
}

std::vector<double> centres(double corner, double step, std::uint64_t count) {
    std::vector<double> values(count);
    for (std::uint64_t i = 0; i < count; ++i)
        values[i] = corner + step * (static_cast<double>(i) + 0.5);
    return values;
}

JsonObject axis_attributes(const GeoGrid& grid, bool y) {
    const auto crs = io::describe_crs(grid.crs);
    const char* const axis = y ? "Y" : "X";
    if (crs.geographic)
        return {{"axis", axis},
                {"long_name", y ? "latitude" : "longitude"},
                {"standard_name", y ? "latitude" : "longitude"},
                {"units", y ? "degrees_north" : "degrees_east"}};
    return {{"axis", axis},
            {"long_name", y ? "y coordinate of projection" : "x coordinate of projection"},
            {"standard_name", y ? "projection_y_coordinate" : "projection_x_coordinate"},
            {"units", crs.unit}};
}

JsonValue json_of(const std::variant<std::string, double, std::vector<double>>& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* number = std::get_if<double>(&value)) return *number;
    const auto& numbers = std::get<std::vector<double>>(value);
    return JsonArray(numbers.begin(), numbers.end());
}

ArrayMetadata coordinate(const std::string& name, std::uint64_t size, JsonObject attributes,
                         int format) {
    ArrayMetadata array;
    array.format = format;
    array.type = kFloat64;
    array.shape = {size};
    array.chunk_shape = {std::max<std::uint64_t>(size, 1)};
    array.keys = {format == 2 ? ChunkKeys::Style::v2 : ChunkKeys::Style::v3_default,
                  format == 2 ? '.' : '/'};
    array.fill = fill_from_json(kFloat64, "NaN");
    array.codecs = {BytesCodec{}, BloscCodec{"zstd", 1, Shuffle::byte, 8, 0}};
    array.dimensions = {name};
    array.attributes = std::move(attributes);
    return array;
}

// An entry of `zarr_conventions`: readers go by the UUID.
JsonValue registration(const char* name, const char* uuid, const char* description) {
    return JsonObject{
        {"name", name},
        {"uuid", uuid},
        {"description", description},
        {"schema_url",
         fmt::format("https://raw.githubusercontent.com/zarr-conventions/{}/refs/tags/v0.1/"
                     "schema.json",
                     name)},
        {"spec_url",
         fmt::format("https://github.com/zarr-conventions/{}/blob/v0.1/README.md", name)}};
}

}  // namespace

std::vector<double> cell_centres_y(const GeoGrid& grid) {
    require_north_up(grid);
    return centres(grid.transform[3], grid.transform[5], grid.rows);
}

std::vector<double> cell_centres_x(const GeoGrid& grid) {
    require_north_up(grid);
    return centres(grid.transform[0], grid.transform[1], grid.cols);
}

JsonObject y_attributes(const GeoGrid& grid) {
    return axis_attributes(grid, true);
}

JsonObject x_attributes(const GeoGrid& grid) {
    return axis_attributes(grid, false);
}

JsonObject grid_mapping_attributes(const GeoGrid& grid) {
    const auto crs = io::describe_crs(grid.crs);
    JsonObject attributes;
    for (const auto& [name, value] : crs.cf) attributes[name] = json_of(value);
    attributes["crs_wkt"] = crs.wkt;
    // The same under the name that GDAL's older readers look for.
    attributes["spatial_ref"] = crs.wkt;
    const auto& t = grid.transform;
    attributes["GeoTransform"] =
        fmt::format("{} {} {} {} {} {}", t[0], t[1], t[2], t[3], t[4], t[5]);
    return attributes;
}

JsonObject geozarr_attributes(const GeoGrid& grid) {
    require_north_up(grid);
    const auto crs = io::describe_crs(grid.crs);
    const auto& t = grid.transform;
    const double x_end = t[0] + t[1] * static_cast<double>(grid.cols);
    const double y_end = t[3] + t[5] * static_cast<double>(grid.rows);
    JsonObject attributes{
        {"zarr_conventions",
         JsonArray{registration("proj", "f17cb550-5864-4468-aeb7-f3180cfb622f",
                                "Coordinate reference system information for geospatial data"),
                   registration("spatial", "689b58e2-cf7b-45e0-9fff-9cfc0883d6b4",
                                "Spatial coordinate information")}},
        {"spatial:dimensions", JsonArray{grid.y, grid.x}},
        {"spatial:transform", JsonArray{t[1], t[2], t[0], t[4], t[5], t[3]}},
        {"spatial:bbox", JsonArray{std::min(t[0], x_end), std::min(t[3], y_end),
                                   std::max(t[0], x_end), std::max(t[3], y_end)}},
        {"spatial:shape", JsonArray{grid.rows, grid.cols}}};
    if (crs.epsg != 0)
        attributes["proj:code"] = fmt::format("EPSG:{}", crs.epsg);
    else
        attributes["proj:wkt2"] = crs.wkt;
    return attributes;
}

void set_fill_attribute(ArrayMetadata& array) {
    array.attributes.erase("_FillValue");
    if (array.format == 2) return;
    if (array.type.kind != TypeKind::floating) {
        array.attributes["_FillValue"] = fill_to_json(array.type, array.fill);
        return;
    }
    const double fill = element_to_double(array.type, array.fill);
    Bytes bytes(sizeof fill);
    std::memcpy(bytes.data(), &fill, sizeof fill);
    array.attributes["_FillValue"] = base64_encode(bytes);
}

GridArrays grid_arrays(const GeoGrid& grid, int format) {
    require_north_up(grid);
    GridArrays arrays;
    arrays.y = coordinate(grid.y, grid.rows, y_attributes(grid), format);
    arrays.x = coordinate(grid.x, grid.cols, x_attributes(grid), format);
    arrays.spatial_ref.format = format;
    arrays.spatial_ref.type = kInt32;
    arrays.spatial_ref.keys = arrays.y.keys;
    arrays.spatial_ref.fill = fill_from_json(kInt32, 0);
    arrays.spatial_ref.codecs = {BytesCodec{}};
    arrays.spatial_ref.dimensions = std::vector<std::string>{};
    arrays.spatial_ref.attributes = grid_mapping_attributes(grid);
    return arrays;
}

double coordinate_distance_px(const std::vector<double>& a, const std::vector<double>& b) {
    if (a.size() != b.size())
        throw Error{Exit::bad_input,
                    fmt::format("{} coordinates instead of {}", b.size(), a.size())};
    if (a.empty()) return 0;
    const double step =
        a.size() == 1 ? 1 : std::abs(a.back() - a.front()) / static_cast<double>(a.size() - 1);
    double worst = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double distance = std::abs(a[i] - b[i]);
        // NaN is as far away as anything can be.
        worst = distance <= worst ? worst : std::isnan(distance) ? HUGE_VAL : distance;
    }
    return worst == 0 ? 0 : step > 0 ? worst / step : HUGE_VAL;
}

}  // namespace hls::zarr
