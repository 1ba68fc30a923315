// SPDX-License-Identifier: Apache-2.0
// An atmospherically corrected Sentinel-2 granule on disk: its layers at their native resolutions,
// their encodings, and scene.json (house rules section 4, tiling.md 3 and 5.3).
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "io/raster.hpp"

namespace hls::scene {

inline constexpr int kSentinel2Fill = -9999;        // reflectance, int16 * 1e-4; AOT
inline constexpr int kSentinel2AngleFill = 40000;   // angles, uint16 * 0.01 degree
inline constexpr double kSentinel2PixelM = 10;      // of Sentinel2AcScene::grid
inline constexpr double kSentinel2MaskPixelM = 20;  // of FMASK
inline constexpr double kSentinel2AnglePixelM = 30;
inline constexpr int kSentinel2Cell = 6;  // 10 m pixels along a 60 m cell; sizes are whole cells

// One spectral band as the layers of AC scenes and the files of the reference layout know it.
struct Sentinel2Band {
    std::string_view name;            // B01, B8A
    std::string_view layer;           // SR_B01, TOA_B10
    std::string_view reference_file;  // sr_band1, sr_band8a
    std::string_view description;
    int box = 1;  // 10 m pixels along one of its pixels: 1, 2 or 6

    double pixel_m() const { return kSentinel2PixelM * box; }
};

inline constexpr std::size_t kSentinel2BandCount = 13;
// B01..B08, B8A, B09..B12: the order of S30.
const std::array<Sentinel2Band, kSentinel2BandCount>& sentinel2_bands() noexcept;

// The bands in that order, then SR_QA_AEROSOL, AOT (both 10 m), FMASK (20 m), SZA, SAA, VZA, VAA
// (30 m).
std::span<const std::string_view> sentinel2_ac_layers() noexcept;
// Encoding and description, and metres per pixel of such a layer; throws Error{internal} for
// another name.
io::Layer sentinel2_ac_layer(std::string_view name);
double sentinel2_ac_pixel_m(std::string_view name);

// `grid` in pixels of another size from the same corner. Throws Error{internal} unless these fill
// it without remainder.
io::Grid with_pixel_size(const io::Grid& grid, double pixel_m);

// What scene.json holds. Texts are those of the Level-1 metadata.
struct Sentinel2AcScene {
    std::filesystem::path folder;  // where it was read from; no part of scene.json
    // As NASA's programs pass a granule on: all bands at 10 m as uint16 in USGS scaling
    // (Sentinel2Band::reference_file), sr_aerosol, FMASK_20m, and the Level-1 metadata and
    // MSK_DETFOO_B06 that angles are made of. No part of scene.json.
    bool reference_layout = false;

    std::string product_id;    // the .SAFE name without its ending; part of file names
    std::string product_uri;   // PRODUCT_URI
    std::string tile;          // 35VLJ
    std::string spacecraft;    // SPACECRAFT_NAME, Sentinel-2A
    UtcTime datatake_start{};  // third field of the product id; names the HLS granule
    int relative_orbit = 0;    // 1..143
    std::string tile_id;       // TILE_ID
    std::string datastrip_id;  // DATASTRIP_ID
    std::string baseline;      // PROCESSING_BASELINE, 05.11
    UtcTime sensing_time{};    // SENSING_TIME of the granule
    std::string sensing_time_text;
    std::string l1_processing_time_text;  // ARCHIVING_TIME
    std::string image_quality = "NONE";   // L1C_IMAGE_QUALITY
    io::Grid grid;                        // 10 m; EPSG 326zz or 327zz; rows and columns of cells
    double sun_zenith_deg = 0;            // Mean_Sun_Angle
    double sun_azimuth_deg = 0;           // [0, 360)
    std::optional<double> cloud_cover_percent;  // Cloud_Coverage_Assessment

    std::string software;  // what corrected it, "hls-lasrc 0.1.0" (ACCODE)
    UtcTime processing_time{};
    std::string mask_source;                    // CLOUD_MASKING_CODE
    std::vector<std::string> ancillary;         // names of what was used
    std::map<std::string, std::string> params;  // settings of the correction
    std::vector<std::string> layers;  // those present, in the order of sentinel2_ac_layers()

    bool has(std::string_view layer) const;
    // In `folder`, for io::RasterReader. Angles are no files in the reference layout.
    std::string layer_path(std::string_view layer) const;
};

// The STAC item as JSON text; the same scene gives the same bytes.
std::string sentinel2_scene_json(const Sentinel2AcScene& scene);
// Throws Error{bad_input}; `source` names the file in messages.
Sentinel2AcScene parse_sentinel2_scene_json(std::string_view text, std::string_view source);

// Scene folder, or its scene.json: reads scene.json, or for a folder without one the Level-1
// metadata of the reference layout. Throws missing_input if there is no such path, bad_input if it
// is no such scene or a file of it is missing, not_accepted for what open_sentinel2_l1() does not
// take.
Sentinel2AcScene read_sentinel2_ac_scene(const std::filesystem::path& path);

// Which sensor a scene.json is of, for a hint; both false for damaged text.
bool is_landsat_scene_json(std::string_view text);
bool is_sentinel2_scene_json(std::string_view text);

}  // namespace hls::scene
