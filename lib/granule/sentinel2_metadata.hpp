// SPDX-License-Identifier: Apache-2.0
// What MTD_MSIL1C.xml and MTD_TL.xml say (S2 Products Specification Document, Level-1C). Baselines
// 02.04 to 05.11 and later ones of the same structure.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "granule/sentinel2.hpp"

namespace hls::granule {

// MTD_MSIL1C.xml. Reflectance = (DN + offset) / quantification; DN 0 is no data.
struct Sentinel2Product {
    std::string source;  // the file's path, for messages
    std::string product_uri;
    std::optional<Sentinel2ProductId> id;  // of product_uri
    std::string spacecraft;                // Sentinel-2A
    Sentinel2Baseline baseline;
    double quantification = 10000;
    std::array<double, kSentinel2Bands> offset{};  // RADIO_ADD_OFFSET, in DN; 0 before 04.00
    std::optional<double> cloud_cover_percent;     // Cloud_Coverage_Assessment
};

// Throws Error{bad_input}: not such a file, a key missing or with a value that cannot be, baseline
// 04.00 or later without the offset of every band. Throws Error{not_accepted}: not Level-1C, a
// baseline before 02.04, an unknown satellite.
Sentinel2Product parse_sentinel2_product(std::string_view text, std::string_view source);

// Zenith and azimuth in degrees at nodes `col_step_m`, `row_step_m` apart from the upper left
// corner of the tile; NaN where not seen. Row-major.
struct Sentinel2AngleGrid {
    int rows = 0;
    int cols = 0;
    double row_step_m = 0;
    double col_step_m = 0;
    std::vector<double> zenith_deg;
    std::vector<double> azimuth_deg;

    double zenith(int row, int col) const { return zenith_deg[index(row, col)]; }
    double azimuth(int row, int col) const { return azimuth_deg[index(row, col)]; }

 private:
    std::size_t index(int row, int col) const {
        return static_cast<std::size_t>(row) * static_cast<std::size_t>(cols) +
               static_cast<std::size_t>(col);
    }
};

struct Sentinel2ViewGrid {
    int band = 0;      // index, see sentinel2_bands()
    int detector = 0;  // 1..12
    Sentinel2AngleGrid grid;
};

struct Sentinel2MeanView {
    int band = 0;
    double zenith_deg = 0;
    double azimuth_deg = 0;
};

// Size and place at one resolution. (ulx_m, uly_m) is the outer corner of the upper-left pixel in
// the file's CRS: with the false northing of 1e7 m in the south.
struct Sentinel2Geoposition {
    int rows = 0;
    int cols = 0;
    double ulx_m = 0;
    double uly_m = 0;
};

// MTD_TL.xml (metadata.xml in the AWS layout).
struct Sentinel2Tile {
    std::string source;
    std::string tile_id;
    std::string datastrip_id;
    std::string tile;  // 55JEJ, of tile_id; empty if that has none
    UtcTime sensing_time{};
    std::string sensing_time_text;                    // with the file's digits
    std::string archiving_time_text;                  // may be empty
    std::string cs_name;                              // "WGS84 / UTM zone 55S"
    std::string cs_code;                              // "EPSG:32755"
    int epsg = 0;                                     // 326zz or 327zz
    std::map<int, Sentinel2Geoposition> geoposition;  // by resolution: 10, 20, 60

    double sun_zenith_deg = 0;  // mean
    double sun_azimuth_deg = 0;
    std::optional<Sentinel2AngleGrid> sun_grid;  // absent in short metadata
    std::vector<Sentinel2MeanView> mean_views;   // in the order of the file
    std::vector<Sentinel2ViewGrid> view_grids;   // in the order of the file
    std::optional<double> cloudy_percent;        // CLOUDY_PIXEL_PERCENTAGE

    // Baseline of tile_id or datastrip_id; nullopt if neither has one.
    std::optional<Sentinel2Baseline> baseline() const;
};

// Throws Error{bad_input}; sizes of 20 m and 60 m must be the 10 m size divided by 2 and 6.
Sentinel2Tile parse_sentinel2_tile(std::string_view text, std::string_view source);

// productInfo.json or tileInfo.json of the AWS layout: the product id in "name" or "productName".
// Throws Error{bad_input}.
Sentinel2ProductId parse_sentinel2_product_info(std::string_view text, std::string_view source);

// What the AWS layout lets one know of a product whose MTD_MSIL1C.xml is not with its tile: the
// quantification of 10000 of all products, and the offset of -1000 of all since baseline 04.00.
Sentinel2Product assumed_sentinel2_product(const Sentinel2ProductId& id, std::string_view source);

}  // namespace hls::granule
