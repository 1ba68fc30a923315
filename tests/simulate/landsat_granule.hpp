// SPDX-License-Identifier: Apache-2.0
// A simulated Landsat Level-1 product on disk, with its truth and its ancillary files.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "fs/atomic_output.hpp"
#include "simulate/ancillary_writer.hpp"
#include "simulate/forward_model.hpp"
#include "simulate/scene_request.hpp"

namespace hls::simulate {

struct SimulationOptions {
    std::filesystem::path folder;                       // made if absent
    std::optional<DayFile> ancillary = DayFile::modis;  // none: no ancillary files
    int threads = 1;
    fs::IfExists if_exists = fs::IfExists::refuse;
    std::function<void(double)> progress;  // fraction of the rows done; may be empty
};

struct SimulatedScene {
    std::filesystem::path granule;    // folder/<product id>
    std::filesystem::path truth;      // folder/truth, empty if not asked for
    std::filesystem::path ancillary;  // folder/ancillary, empty if not asked for
    double cloud_cover_percent = 0;
};

// Writes the product folder, truth/ (<product id>_TRUTH_B1..B7 as seen, with a BRDF also
// _NADIR_B1..B7 under the tile's normalised sun, _AOT, _FMASK, _CLASS, _COVER,
// _CLOUDTOP, _DEM) and
// ancillary/ (layout of lasrc.md 1), each of which appears as a whole. The same request gives the
// same bytes for any number of threads. Throws Error{usage} for a request that cannot be,
// {cannot_create, io_error} for outputs.
SimulatedScene simulate_landsat(const SceneRequest& request, const TransferSolver& solver,
                                const SimulationOptions& options);

// The ancillary files alone: constant air, the band ratios the surface obeys.
void write_scene_ancillary(const SceneRequest& request, const std::filesystem::path& folder,
                           DayFile kind);

// "<product id>_TRUTH_<layer>.tif"
std::string truth_file_name(std::string_view product_id, std::string_view layer);

}  // namespace hls::simulate
