// SPDX-License-Identifier: Apache-2.0
// One Sentinel-2 granule from Level-1C to an AC scene on disk: what to do, and what was done.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "atmosphere/tables.hpp"
#include "lasrc/correction_report.hpp"
#include "lasrc/quirks.hpp"
#include "lasrc/sentinel2_image.hpp"

namespace hls::lasrc {

enum class Sentinel2OutputLayout {
    native,    // an AC scene: bands at their own resolution, int16 x 1e-4
    reference  // as NASA's programs pass it on: bands at 10 m, uint16 in USGS scaling
};

// Which flags pixels without data get in the aerosol QA.
enum class Sentinel2FillFlags {
    all,    // fill
    corner  // as the reference leaves them: fill only at window corners
};

struct Sentinel2Job {
    std::string granule;               // as scene::open_sentinel2_l1 opens it
    std::filesystem::path output_dir;  // the scene becomes output_dir/<product id>/
    std::optional<std::string> mask;   // class raster on the 20 m grid; none: no FMASK layer
    std::string ancillary =
        "climatology";  // a folder, "climatology" or "fixed:.." as ancillary::load_ancillary
    AerosolMode aerosol = RetrieveAerosol{};
    Quirks quirks;
    Sentinel2Fill fill = Sentinel2Fill::any;
    Sentinel2FillFlags fill_flags = Sentinel2FillFlags::all;
    Sentinel2OutputLayout layout = Sentinel2OutputLayout::native;
    bool angles = true;                  // else neither angle grids nor a detector mask are needed
    std::string software = "hls-lasrc";  // what scene.json names as the maker, with its version
    int threads = 1;
    bool overwrite = false;  // else an output that exists is an error
};

// output_dir/<product id>/, from the metadata alone. Throws as plan_sentinel2 for the granule.
std::filesystem::path scene_dir_of(const Sentinel2Job& job);

// Without reading a pixel. Throws as correct_sentinel2 does for what metadata and file names can
// tell: bad_input, missing_input, not_accepted, low_sun, cannot_create.
CorrectionPlan plan_sentinel2(const Sentinel2Job& job);

// Corrects the granule and commits the AC scene (house.md 4) as a whole. `tables` are MSI tables;
// `progress` hears the fraction done, 0..1, from the calling thread.
// Throws Error: low_sun (mean zenith > 76 deg), cloudy (mask less than 2 % clear and
// Cloud_Coverage_Assessment above 95 %), empty (no valid pixel), not_accepted, bad_input (corrupt
// or incomplete granule, mask on another grid), missing_input (granule or ancillary),
// cannot_create, io_error, or 128 + signal when cancelled.
CorrectionReport correct_sentinel2(const Sentinel2Job& job, const atmosphere::Tables& tables,
                                   const std::function<void(double)>& progress = {});

}  // namespace hls::lasrc
