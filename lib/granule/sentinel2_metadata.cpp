// SPDX-License-Identifier: Apache-2.0
#include "granule/sentinel2_metadata.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "granule/sentinel2_xml.hpp"

namespace hls::granule {
namespace {

constexpr double kAssumedOffset = -1000;
constexpr double kLargestCoordinate = 1e8;  // m; beyond any UTM coordinate
constexpr int kLargestRaster = 1 << 20;     // rows or columns
constexpr int kLargestGrid = 4096;          // nodes along a side of an angle grid
constexpr int kDetectors = 12;

constexpr std::string_view kProductRoot = "Level-1C_User_Product";
constexpr std::string_view kTileRoot = "Level-1C_Tile_ID";

// A Level-2A product is no corrupt one: it is only not what is processed here.
void require_level1(std::string_view text, std::string_view source) {
    if (text.substr(0, 4096).find("Level-2A_") != std::string_view::npos)
        throw Error{Exit::not_accepted, fmt::format("{} is of Level-2A, not Level-1C", source),
                    "give the Level-1C product of the same datatake"};
}

void require_baseline(const Sentinel2Product& product) {
    if (product.baseline < kOldestBaseline)
        throw Error{Exit::not_accepted,
                    fmt::format("{}: processing baseline {}, older than {}", product.source,
                                format_sentinel2_baseline(product.baseline),
                                format_sentinel2_baseline(kOldestBaseline)),
                    "fetch the reprocessed product of Collection 1"};
}

void read_offsets(const Sentinel2Xml& xml, const xml::Element& characteristics,
                  Sentinel2Product& product) {
    std::array<bool, kSentinel2Bands> known{};
    const auto read = [&](const xml::Element& entry) {
        if (local_name(entry.name) != "RADIO_ADD_OFFSET") return;
        const int band = xml.integer_attribute(entry, "band_id", 0, kSentinel2Bands - 1);
        const auto value = to_double(entry.text);
        if (!value || *value < -65535 || *value > 65535)
            xml.fail(fmt::format("RADIO_ADD_OFFSET of band_id {} is '{}'", band, entry.text));
        product.offset[static_cast<std::size_t>(band)] = *value;
        known[static_cast<std::size_t>(band)] = true;
    };
    if (const auto* list = Sentinel2Xml::find(characteristics, "Radiometric_Offset_List"))
        std::for_each(list->children.begin(), list->children.end(), read);
    if (product.baseline < kOffsetBaseline) return;
    for (int band = 0; band < kSentinel2Bands; ++band)
        if (!known[static_cast<std::size_t>(band)])
            xml.fail(fmt::format("processing baseline {} without RADIO_ADD_OFFSET of {}",
                                 format_sentinel2_baseline(product.baseline),
                                 sentinel2_bands()[static_cast<std::size_t>(band)].name));
}

// "22.9222 NaN 22.8343": one row of an angle grid.
void append_angles(const Sentinel2Xml& xml, const std::string& row, double high,
                   std::vector<double>& out) {
    for (const auto word : split_words(row)) {
        if (word == "NaN" || word == "nan") {
            out.push_back(std::numeric_limits<double>::quiet_NaN());
            continue;
        }
        const auto value = to_double(word);
        if (!value || *value < -high || *value > high)
            xml.fail(fmt::format("'{}' in VALUES is no angle of at most {} deg", word, high));
        out.push_back(*value);
    }
}

// Zenith or Azimuth of a grid into `out`; sets or checks the grid's shape.
void read_angles(const Sentinel2Xml& xml, const xml::Element& part, double high,
                 Sentinel2AngleGrid& grid, std::vector<double>& out) {
    const double col_step = xml.number(part, "COL_STEP", 1, 1e6);
    const double row_step = xml.number(part, "ROW_STEP", 1, 1e6);
    int rows = 0;
    for (const auto& child : xml.element(part, "Values_List").children) {
        if (local_name(child.name) != "VALUES") continue;
        append_angles(xml, child.text, high, out);
        ++rows;
    }
    const auto count = static_cast<int>(std::min<std::size_t>(out.size(), 1U << 30));
    if (rows < 1 || rows > kLargestGrid || count < rows || count % rows != 0 ||
        count / rows > kLargestGrid)
        xml.fail(fmt::format("{} rows of VALUES hold {} angles", rows, count));
    const int cols = count / rows;
    const bool first = grid.rows == 0;
    if (!first && (grid.rows != rows || grid.cols != cols || grid.row_step_m != row_step ||
                   grid.col_step_m != col_step))
        xml.fail("zenith and azimuth are on different grids");
    grid.rows = rows;
    grid.cols = cols;
    grid.row_step_m = row_step;
    grid.col_step_m = col_step;
}

Sentinel2AngleGrid read_angle_grid(const Sentinel2Xml& xml, const xml::Element& element) {
    Sentinel2AngleGrid grid;
    read_angles(xml, xml.element(element, "Zenith"), 180, grid, grid.zenith_deg);
    // A grid that crosses north may count on past the full turn.
    constexpr double kHighestAzimuth = 540;
    read_angles(xml, xml.element(element, "Azimuth"), kHighestAzimuth, grid, grid.azimuth_deg);
    return grid;
}

void read_angle_lists(const Sentinel2Xml& xml, const xml::Element& angles, Sentinel2Tile& tile) {
    tile.sun_zenith_deg = xml.number(angles, "Mean_Sun_Angle/ZENITH_ANGLE", 0, 180);
    tile.sun_azimuth_deg = xml.number(angles, "Mean_Sun_Angle/AZIMUTH_ANGLE", -360, 360);
    if (const auto* grid = Sentinel2Xml::find(angles, "Sun_Angles_Grid"))
        tile.sun_grid = read_angle_grid(xml, *grid);
    for (const auto& child : angles.children) {
        if (local_name(child.name) != "Viewing_Incidence_Angles_Grids") continue;
        tile.view_grids.push_back({xml.integer_attribute(child, "bandId", 0, kSentinel2Bands - 1),
                                   xml.integer_attribute(child, "detectorId", 1, kDetectors),
                                   read_angle_grid(xml, child)});
    }
    const auto* views = Sentinel2Xml::find(angles, "Mean_Viewing_Incidence_Angle_List");
    if (views == nullptr) return;
    for (const auto& child : views->children) {
        if (local_name(child.name) != "Mean_Viewing_Incidence_Angle") continue;
        const auto zenith = xml.text(child, "ZENITH_ANGLE");
        if (zenith == "NaN") continue;  // a band without valid pixels
        tile.mean_views.push_back({xml.integer_attribute(child, "bandId", 0, kSentinel2Bands - 1),
                                   xml.number(child, "ZENITH_ANGLE", 0, 90),
                                   xml.number(child, "AZIMUTH_ANGLE", -360, 360)});
    }
}

void read_geocoding(const Sentinel2Xml& xml, const xml::Element& geocoding, Sentinel2Tile& tile) {
    tile.cs_name = xml.text(geocoding, "HORIZONTAL_CS_NAME");
    tile.cs_code = xml.text(geocoding, "HORIZONTAL_CS_CODE");
    const std::string_view code = tile.cs_code;
    const auto epsg = code.starts_with("EPSG:") ? to_int(code.substr(5)) : std::nullopt;
    const bool utm =
        epsg && ((*epsg >= 32601 && *epsg <= 32660) || (*epsg >= 32701 && *epsg <= 32760));
    if (!utm) xml.fail(fmt::format("HORIZONTAL_CS_CODE = {} is not UTM on WGS 84", code));
    tile.epsg = static_cast<int>(*epsg);
    for (const auto& child : geocoding.children) {
        const auto name = local_name(child.name);
        if (name != "Size" && name != "Geoposition") continue;
        const int resolution = xml.integer_attribute(child, "resolution", 1, 1000);
        auto& position = tile.geoposition[resolution];
        if (name == "Size") {
            position.rows = xml.integer(child, "NROWS", 1, kLargestRaster);
            position.cols = xml.integer(child, "NCOLS", 1, kLargestRaster);
        } else {
            position.ulx_m = xml.number(child, "ULX", -kLargestCoordinate, kLargestCoordinate);
            position.uly_m = xml.number(child, "ULY", -kLargestCoordinate, kLargestCoordinate);
        }
    }
    for (const int resolution : kSentinel2Resolutions) {
        const auto at = tile.geoposition.find(resolution);
        if (at == tile.geoposition.end() || at->second.rows == 0)
            xml.fail(fmt::format("no Size at {} m", resolution));
        const auto& ten = tile.geoposition.at(10);
        const int factor = resolution / 10;
        if (at->second.rows * factor != ten.rows || at->second.cols * factor != ten.cols)
            xml.fail(fmt::format("{} x {} pixels at {} m do not cover {} x {} at 10 m",
                                 at->second.rows, at->second.cols, resolution, ten.rows, ten.cols));
    }
}

}  // namespace

Sentinel2Product parse_sentinel2_product(std::string_view text, std::string_view source) {
    require_level1(text, source);
    const Sentinel2Xml xml(text, source, kProductRoot);
    const auto& info = xml.element(xml.root(), "General_Info/Product_Info");
    const auto& characteristics =
        xml.element(xml.root(), "General_Info/Product_Image_Characteristics");
    Sentinel2Product product;
    product.source = source;
    product.product_uri = xml.text(info, "PRODUCT_URI");
    product.id = parse_sentinel2_product_id(product.product_uri);
    const auto level = xml.text(info, "PROCESSING_LEVEL");
    if (level != "Level-1C")
        throw Error{Exit::not_accepted, fmt::format("{} is of {}, not Level-1C", source, level)};
    const auto baseline = parse_sentinel2_baseline(xml.text(info, "PROCESSING_BASELINE"));
    if (!baseline) xml.fail("PROCESSING_BASELINE is not of the form 05.11");
    product.baseline = *baseline;
    require_baseline(product);
    product.spacecraft = sentinel2_satellite(xml.text(info, "Datatake/SPACECRAFT_NAME")).name;
    product.quantification = xml.number(characteristics, "QUANTIFICATION_VALUE", 1, 1e9);
    read_offsets(xml, characteristics, product);
    constexpr std::string_view kClouds = "Quality_Indicators_Info/Cloud_Coverage_Assessment";
    if (const auto* clouds = Sentinel2Xml::find(xml.root(), kClouds)) {
        const auto percent = to_double(clouds->text);
        if (percent && *percent >= 0 && *percent <= 100) product.cloud_cover_percent = percent;
    }
    return product;
}

std::optional<Sentinel2Baseline> Sentinel2Tile::baseline() const {
    for (const auto* text : {&tile_id, &datastrip_id})
        if (const auto id = parse_sentinel2_oper_id(*text); id && id->baseline.major > 0)
            return id->baseline;
    return std::nullopt;
}

Sentinel2Tile parse_sentinel2_tile(std::string_view text, std::string_view source) {
    require_level1(text, source);
    const Sentinel2Xml xml(text, source, kTileRoot);
    Sentinel2Tile tile;
    tile.source = source;
    const auto& info = xml.element(xml.root(), "General_Info");
    tile.tile_id = xml.text(info, "TILE_ID");
    tile.datastrip_id = xml.text(info, "DATASTRIP_ID");
    if (const auto id = parse_sentinel2_oper_id(tile.tile_id)) tile.tile = id->tile;
    tile.sensing_time_text = xml.text(info, "SENSING_TIME");
    try {
        tile.sensing_time = parse_utc(tile.sensing_time_text);
    } catch (const Error&) {
        xml.fail(fmt::format("SENSING_TIME = {} is no time", tile.sensing_time_text));
    }
    tile.archiving_time_text = xml.text_or_empty(info, "Archiving_Info/ARCHIVING_TIME");
    read_geocoding(xml, xml.element(xml.root(), "Geometric_Info/Tile_Geocoding"), tile);
    read_angle_lists(xml, xml.element(xml.root(), "Geometric_Info/Tile_Angles"), tile);
    constexpr std::string_view kClouds =
        "Quality_Indicators_Info/Image_Content_QI/CLOUDY_PIXEL_PERCENTAGE";
    if (const auto* clouds = Sentinel2Xml::find(xml.root(), kClouds)) {
        const auto percent = to_double(clouds->text);
        if (percent && *percent >= 0 && *percent <= 100) tile.cloudy_percent = percent;
    }
    return tile;
}

Sentinel2ProductId parse_sentinel2_product_info(std::string_view text, std::string_view source) {
    std::string name;
    try {
        const auto info = nlohmann::json::parse(text);
        name = info.at(info.contains("name") ? "name" : "productName").get<std::string>();
    } catch (const nlohmann::json::exception& error) {
        throw Error{Exit::bad_input, fmt::format("{}: {}", source, error.what())};
    }
    if (const auto id = parse_sentinel2_product_id(name)) return *id;
    throw Error{Exit::bad_input, fmt::format("{}: '{}' is no product id", source, name)};
}

Sentinel2Product assumed_sentinel2_product(const Sentinel2ProductId& id, std::string_view source) {
    if (id.level != "MSIL1C")
        throw Error{Exit::not_accepted,
                    fmt::format("{} is of level {}, not MSIL1C", source, id.level)};
    Sentinel2Product product;
    product.source = source;
    product.product_uri = format_sentinel2_product_id(id) + ".SAFE";
    product.id = id;
    product.baseline = id.baseline;
    require_baseline(product);
    product.spacecraft = sentinel2_satellite(id.satellite).name;
    if (id.baseline >= kOffsetBaseline) product.offset.fill(kAssumedOffset);
    return product;
}

}  // namespace hls::granule
