// SPDX-License-Identifier: Apache-2.0
// One Landsat 8/9 granule from Level-1 to an AC scene on disk: what to do, and what was done.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "atmosphere/tables.hpp"
#include "lasrc/quirks.hpp"

namespace hls::lasrc {

struct RetrieveAerosol {};
struct FixedAerosol {
    float aot550 = 0.05f;
    float eps = 1.5f;  // Angstrom exponent
};
using AerosolMode = std::variant<RetrieveAerosol, FixedAerosol>;

struct LandsatJob {
    std::string granule;               // folder or .tar, as scene::LandsatL1 opens it
    std::filesystem::path output_dir;  // the scene becomes output_dir/<product id>/
    std::optional<std::string> mask;   // class raster on the same grid; none: from QA_PIXEL
    std::string ancillary =
        "climatology";  // a folder, "climatology" or "fixed:.." as ancillary::load_ancillary
    AerosolMode aerosol = RetrieveAerosol{};
    std::vector<int> bands;  // reflective bands 1-7 to correct; empty: all, with B9-B11, QA,
                             // angles. With a list, QA and angle rasters may be absent: then fill
                             // is DN 0 and the sun zenith is 90 - SUN_ELEVATION everywhere.
    Quirks quirks;
    std::vector<std::string> accept;  // levels or categories beyond L1TP of T1 or RT: "L1GT", "T2"
    std::string software = "hls-lasrc";  // what scene.json names as the maker, with its version
    int threads = 1;
    bool overwrite = false;  // else an output that exists is an error
};

// output_dir/<product id>/, from the metadata alone. Throws as plan_landsat for the granule.
std::filesystem::path scene_dir_of(const LandsatJob& job);

// Inputs and outputs without reading a pixel. Throws as correct_landsat does for what metadata and
// file names can tell: bad_input, missing_input, not_accepted, low_sun, cannot_create.
struct LandsatPlan {
    std::string product_id;
    std::filesystem::path scene_dir;
    std::vector<std::string> inputs;             // granule rasters and metadata, mask
    std::vector<std::string> ancillary;          // files, or one line naming the values used
    std::vector<std::filesystem::path> outputs;  // layers and scene.json, final names

    std::vector<std::string> reads() const;  // inputs and ancillary
};
LandsatPlan plan_landsat(const LandsatJob& job);

struct SceneConstants {
    double sun_zenith_deg = 0;  // 90 - SUN_ELEVATION
    double ozone_cm_atm = 0;
    double water_vapour_g_cm2 = 0;
    double pressure_hpa = 0;
};

// Windows of 3 x 3 pixels by the outcome of the retrieval; all 0 with a fixed aerosol.
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

struct LandsatReport {
    LandsatPlan plan;
    SceneConstants constants;
    std::string fill_source;        // "QA_PIXEL bit 0" or "DN 0"
    std::string sun_zenith_source;  // "SZA raster" or "90 - SUN_ELEVATION"
    std::string mask_source;        // "QA_PIXEL", the mask file, or "" (no FMASK layer)
    std::vector<std::pair<std::string, std::string>> parameters;
    WindowCounts windows;
    std::int64_t valid_pixels = 0;
    std::int64_t total_pixels = 0;
    std::vector<StageTiming> timings;
};

// Corrects the granule and commits the AC scene (house.md 4) as a whole. `tables` are OLI tables;
// `progress` hears the fraction done, 0..1, from the calling thread.
// Throws Error: low_sun (zenith > 76 deg), empty (no valid pixel), not_accepted, bad_input (corrupt
// or incomplete granule, mask on another grid, bands missing for retrieval), missing_input
// (granule or ancillary), cannot_create, io_error, or 128 + signal when cancelled.
LandsatReport correct_landsat(const LandsatJob& job, const atmosphere::Tables& tables,
                              const std::function<void(double)>& progress = {});

}  // namespace hls::lasrc
