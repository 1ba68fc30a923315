// SPDX-License-Identifier: Apache-2.0
// Names and metadata of Landsat 8/9 Collection 2 Level-1 products (USGS LSDS-1747, LSDS-1822).
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace hls::granule {

// LXSS_LLLL_PPPRRR_YYYYMMDD_yyyymmdd_CC_TX, e.g. LC08_L1TP_020039_20150804_20200908_02_T1.
struct LandsatProductId {
    char instruments = 'C';  // C: OLI and TIRS, O: OLI only, T: TIRS only
    int satellite = 8;
    std::string level;  // L1TP, L1GT, L1GS, L2SP, L2SR
    int wrs_path = 0;   // 1..233
    int wrs_row = 0;    // 1..248
    std::chrono::year_month_day acquired{};
    std::chrono::year_month_day processed{};
    int collection = 2;
    std::string category;  // RT, T1, T2

    bool operator==(const LandsatProductId&) const = default;
};

// nullopt for anything that is not exactly a product id.
std::optional<LandsatProductId> parse_landsat_product_id(std::string_view text) noexcept;
std::string format_landsat_product_id(const LandsatProductId& id);

struct RasterSize {
    int lines = 0;
    int samples = 0;

    bool operator==(const RasterSize&) const = default;
};

// physical = digital number * mult + add
struct Rescaling {
    double mult = 0;
    double add = 0;
};

// T = k2 / ln(k1 / radiance + 1)
struct ThermalConstants {
    double k1 = 0;
    double k2 = 0;
};

enum class MapProjection { utm, polar_stereographic };

// Which keys must be there: all that correcting a Level-1 product needs, or only those that tiling
// an atmospherically corrected scene needs (the rest then follows from the product id).
enum class MtlUse { level1, ac_scene };

// What an MTL says. Instants keep the file's own text beside the value, since product tags repeat
// it digit by digit.
struct LandsatMetadata {
    std::string source;  // the MTL's path, for messages

    std::string product_id;
    LandsatProductId id;
    std::string scene_id;    // LC80200392015216LGN00; may be empty
    std::string spacecraft;  // LANDSAT_8, LANDSAT_9
    std::string sensor;      // OLI_TIRS, OLI
    std::string level;       // PROCESSING_LEVEL: L1TP, L1GT, L1GS
    std::string category;    // RT, T1, T2
    int collection = 2;
    int wrs_path = 0;
    int wrs_row = 0;

    UtcTime sensing_time{};            // of the scene centre
    std::string sensing_time_text;     // 2020-08-26T14:45:56.7059220Z
    std::string processing_time_text;  // DATE_PRODUCT_GENERATED, 2020-09-05T21:52:44Z; may be empty
    std::string software;              // LPGS_15.3.1; may be empty
    std::string tirs_ssm_model;        // may be empty
    std::string tirs_ssm_position_status;

    double sun_azimuth_deg = 0;    // of the scene centre, (-180, 360]
    double sun_elevation_deg = 0;  // [-90, 90]
    std::optional<double> cloud_cover_percent;

    MapProjection projection = MapProjection::utm;
    int utm_zone = 0;          // 1..60, 0 if the projection is not UTM. Always the northern zone:
    double ul_center_x_m = 0;  // northings are negative south of the equator.
    double ul_center_y_m = 0;  // centre of the upper-left reflective pixel
    double reflective_cell_m = 30;
    RasterSize reflective;
    std::optional<RasterSize> thermal;
    std::optional<RasterSize> pan;

    // Outer corner of the upper-left reflective pixel.
    double ul_outer_x_m() const { return ul_center_x_m - reflective_cell_m / 2; }
    double ul_outer_y_m() const { return ul_center_y_m + reflective_cell_m / 2; }
    double sun_zenith_deg() const { return 90 - sun_elevation_deg; }
    int epsg() const;  // 326zz or 3031

    // Calibration of band 1..11. Throw Error{bad_input} naming the file and the key it lacks.
    Rescaling reflectance(int band) const;  // before division by cos(sun zenith); bands 1..9
    Rescaling radiance(int band) const;
    ThermalConstants thermal_constants(int band) const;  // bands 10, 11

    // Name of a file of the product, e.g. file_name("BAND_3"), ("QUALITY_L1_PIXEL"),
    // ("ANGLE_SOLAR_ZENITH_BAND_4"): the value of FILE_NAME_<key>. Throws bad_input if the key is
    // absent or if its value is not a plain file name.
    std::string file_name(std::string_view key) const;
    bool has_file_name(std::string_view key) const;

    // Every key with its value, unquoted; the first one where a key repeats.
    std::map<std::string, std::string, std::less<>> keys;
};

// Parses an MTL in ODL ("_MTL.txt") or XML ("_MTL.xml"), told apart by content. `source` names the
// file in errors. Throws Error{bad_input}: not an MTL, not Collection 2, a key missing or with a
// value that cannot be.
LandsatMetadata parse_landsat_mtl(std::string_view text, std::string_view source,
                                  MtlUse use = MtlUse::level1);

}  // namespace hls::granule
