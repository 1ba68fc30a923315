// SPDX-License-Identifier: Apache-2.0
// What is known about one product besides its pixels: the source of all tags and metadata files.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "core/time.hpp"
#include "granule/hls.hpp"
#include "io/raster.hpp"

namespace hls::product {

// One Landsat scene of the tile's list (tiling.md 5.3); texts as the Level-1 metadata write them.
struct LandsatSource {
    std::string product_id;          // LC08_L1TP_003067_20200826_20200905_02_T1
    std::string scene_id;            // LC80030672020239LGN00
    std::string sensing_time;        // 2020-08-26T14:45:56.7059220Z
    std::string l1_processing_time;  // 2020-09-05T21:52:44Z
    std::string processing_level;    // L1TP
    std::string sensor;              // OLI_TIRS
    std::string tirs_ssm_model;      // FINAL
    std::string tirs_ssm_position_status;
    std::string usgs_software;  // LPGS_15.3.1
    std::string accode;         // what corrected it: "hls-lasrc 0.1.0"
    int utm_zone = 0;           // of the scene
};

// What S30 takes from its granules; twins are already joined with " + " (tiling.md 3.7, 5.3).
struct Sentinel2Source {
    struct Bandpass {
        std::string band;  // 01 02 03 04 11 12 8a
        double slope = 1;
        double offset = 0;
    };
    std::string product_uri;
    std::string tile_id;
    std::string datastrip_id;
    std::string sensing_time;
    std::string l1_processing_time;
    std::string image_quality = "NONE";
    std::string processing_baseline;
    std::string spacecraft;  // Sentinel-2A
    std::string accode;
    std::vector<Bandpass> bandpass;
};

struct ProductInfo {
    granule::HlsId id;
    io::Grid grid;             // of every layer; EPSG 326zz with signed northings
    int spatial_coverage = 0;  // percent
    int cloud_coverage = 0;
    double mean_sun_azimuth_deg = 0;
    double mean_sun_zenith_deg = 0;
    double mean_view_azimuth_deg = 0;
    double mean_view_zenith_deg = 0;
    double nbar_solar_zenith_deg = 0;  // NaN falls back to the mean sun zenith
    UtcTime processing_time{};
    std::string cloud_masking_code;  // may be empty
    // Landsat: those that contributed, in list order (never empty).
    std::variant<std::vector<LandsatSource>, Sentinel2Source> source;
};

}  // namespace hls::product
