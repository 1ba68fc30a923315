// SPDX-License-Identifier: Apache-2.0
// One Landsat 8/9 granule from Level-1 to an AC scene on disk: what to do, and what was done.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "atmosphere/tables.hpp"
#include "lasrc/correction_report.hpp"
#include "lasrc/quirks.hpp"

namespace hls::lasrc {

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

// Without reading a pixel. Throws as correct_landsat does for what metadata and file names can
// tell: bad_input, missing_input, not_accepted, low_sun, cannot_create.
CorrectionPlan plan_landsat(const LandsatJob& job);

// Corrects the granule and commits the AC scene (house.md 4) as a whole. `tables` are OLI tables;
// `progress` hears the fraction done, 0..1, from the calling thread.
// Throws Error: low_sun (zenith > 76 deg), empty (no valid pixel), not_accepted, bad_input (corrupt
// or incomplete granule, mask on another grid, bands missing for retrieval), missing_input
// (granule or ancillary), cannot_create, io_error, or 128 + signal when cancelled.
CorrectionReport correct_landsat(const LandsatJob& job, const atmosphere::Tables& tables,
                                 const std::function<void(double)>& progress = {});

}  // namespace hls::lasrc
