// SPDX-License-Identifier: Apache-2.0
// An atmospherically corrected scene on disk: its layers, their encodings, and scene.json, from
// which all later stages take what they need to know (house rules section 4, tiling.md 5.3).
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/time.hpp"
#include "granule/landsat.hpp"
#include "io/raster.hpp"

namespace hls::scene {

// USGS Collection 2 Level-2 encoding: physical = stored * scale + offset, 0 is fill.
inline constexpr double kReflectanceScale = 2.75e-5;
inline constexpr double kReflectanceOffset = -0.2;
inline constexpr double kThermalScale = 0.00341802;
inline constexpr double kThermalOffset = 149;
inline constexpr int kReflectanceFill = 0;
inline constexpr double kAotScale = 0.001;
inline constexpr int kAotFill = -9999;
inline constexpr double kAngleScale = 0.01;
inline constexpr int kAngleFill = 0;  // as USGS delivers angles: 0 outside the image
inline constexpr int kMaskFill = 255;

// Bits of SR_QA_AEROSOL (lasrc.md 7 and 10); bits 6-7 are the aerosol level 0..3.
inline constexpr int kAerosolQaFill = 1;

// SR_B1..SR_B7, TOA_B9, BT_B10, BT_B11, SR_QA_AEROSOL, AOT, FMASK, SZA, SAA, VZA, VAA.
std::span<const std::string_view> landsat_ac_layers();

// Encoding and description of such a layer; throws Error{internal} for another name.
io::Layer landsat_ac_layer(std::string_view name);

// "<product id>_<LAYER>.tif"
std::string ac_file_name(std::string_view product_id, std::string_view layer);

// What scene.json holds.
struct AcScene {
    std::filesystem::path folder;  // where it was read from; no part of scene.json
    std::string product_id;
    std::string scene_id;    // LANDSAT_SCENE_ID; may be empty
    std::string spacecraft;  // LANDSAT_8
    std::string sensor;      // OLI_TIRS
    std::string level;       // of the Level-1 product: L1TP
    std::string category;    // T1
    int wrs_path = 0;
    int wrs_row = 0;
    UtcTime sensing_time{};
    std::string sensing_time_text;        // with the digits of the Level-1 metadata
    std::string l1_processing_time_text;  // may be empty
    std::string l1_software;              // USGS_SOFTWARE; may be empty
    std::string tirs_ssm_model;           // may be empty
    std::string tirs_ssm_position_status;
    io::Grid grid;
    double sun_azimuth_deg = 0;  // of the scene centre, [0, 360)
    double sun_elevation_deg = 0;
    std::optional<double> cloud_cover_percent;

    std::string software;  // what corrected it, "hls-lasrc 0.1.0" (ACCODE)
    UtcTime processing_time{};
    std::string mask_source;  // "QA_PIXEL", or the name of the mask file (CLOUD_MASKING_CODE)
    std::vector<std::string> ancillary;         // names of what was used, "climatology"
    std::map<std::string, std::string> params;  // settings of the correction, for the record
    // Those present, in the order of landsat_ac_layers().
    std::vector<std::string> layers;

    bool has(std::string_view layer) const;
    std::string layer_path(std::string_view layer) const;  // in `folder`, for io::RasterReader
};

// Everything the Level-1 metadata know; the correction fills in the rest.
AcScene ac_scene_from(const granule::LandsatMetadata& metadata, const io::Grid& grid);

// Corners of the grid's outer edge in (lon, lat) degrees, counter-clockwise from the upper left,
// the first not repeated. Longitudes go on past 180 where the scene crosses the antimeridian. The
// grid must be UTM (EPSG 326zz or 327zz), else Error{bad_input}.
std::vector<std::pair<double, double>> footprint(const io::Grid& grid);

// The STAC item as JSON text; the same scene gives the same bytes.
std::string scene_json(const AcScene& scene);
// Throws Error{bad_input}; `source` names the file in messages.
AcScene parse_scene_json(std::string_view text, std::string_view source);

// Scene folder, or its scene.json: reads scene.json, or for a folder without one the _MTL.txt and
// the rasters found. Throws missing_input if there is no such path, bad_input if it is not an AC
// scene.
AcScene read_ac_scene(const std::filesystem::path& path);

}  // namespace hls::scene
