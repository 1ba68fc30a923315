// SPDX-License-Identifier: Apache-2.0
// What a correction is asked for, will read and write, and did: shared by Landsat and Sentinel-2.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hls::lasrc {

struct RetrieveAerosol {};
struct FixedAerosol {
    float aot550 = 0.05f;
    float eps = 1.5f;  // Angstrom exponent
};
using AerosolMode = std::variant<RetrieveAerosol, FixedAerosol>;

// Inputs and outputs of a correction.
struct CorrectionPlan {
    std::string product_id;
    std::filesystem::path scene_dir;
    std::vector<std::string> inputs;             // granule rasters and metadata, mask
    std::vector<std::string> ancillary;          // files, or one line naming the values used
    std::vector<std::filesystem::path> outputs;  // layers and scene.json, final names

    std::vector<std::string> reads() const;  // inputs and ancillary
};
struct SceneConstants {
    double sun_zenith_deg = 0;  // mean, or of the scene centre
    double ozone_cm_atm = 0;
    double water_vapour_g_cm2 = 0;
    double pressure_hpa = 0;
};

// Windows (3 x 3 pixels of Landsat, 6 x 6 of Sentinel-2) by the outcome of the retrieval; all 0
// with a fixed aerosol.
struct WindowCounts {
    std::int64_t land = 0;
    std::int64_t water = 0;
    std::int64_t failed = 0;  // later filled from their neighbours
    std::int64_t fill = 0;    // no valid pixel
};

struct StageTiming {
    std::string stage;  // "open", "retrieve", "fill", "correct", ...
    double wall_s = 0;
    double cpu_s = 0;
};

struct CorrectionReport {
    CorrectionPlan plan;
    SceneConstants constants;
    std::string fill_source;              // "QA_PIXEL bit 0", "DN 0", ...
    std::string sun_zenith_source;        // "SZA raster", "90 - SUN_ELEVATION" or "mean"
    std::string mask_source;              // "QA_PIXEL", the mask file, or "" (no FMASK layer)
    std::optional<double> clear_percent;  // of the mask, as the cloud gate of Sentinel-2 has it
    std::vector<std::pair<std::string, std::string>> parameters;
    WindowCounts windows;
    std::int64_t valid_pixels = 0;
    std::int64_t total_pixels = 0;
    std::vector<StageTiming> timings;
};

}  // namespace hls::lasrc
