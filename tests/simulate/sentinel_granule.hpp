// SPDX-License-Identifier: Apache-2.0
// A simulated Sentinel-2 Level-1C product on disk, with its truth and its ancillary files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "simulate/landsat_granule.hpp"
#include "simulate/sentinel_request.hpp"

namespace hls::simulate {

enum class SentinelPackage {
    safe,  // <product id>.SAFE/
    zip,   // <product id>.zip, which holds the same
    aws,   // <tile id>/ as the tiles of the public bucket, with its productInfo.json
};

struct SimulatedGranule {
    std::filesystem::path granule;
    std::string product_id;
    double cloud_percent = 0;
};

struct SimulatedGranules {
    std::vector<SimulatedGranule> granules;
    std::filesystem::path truth, ancillary;  // empty if not asked for
};

// Writes one product per request into options.folder, all of one world: two for twins. truth/ holds
//   <product id>_TRUTH_<Bnn>        30 m, what an HLS product should show: straight down, the sun
//                                   of the tile's normalisation, OLI's bands; int16 x 1e-4
//   <product id>_TRUTH_NATIVE_<Bnn> what the band sees of the surface, at its own resolution
//   ..._AOT, _FMASK, _COVER         30 m; FMASK is land only where nothing is near
//   ..._CLASS, _CLOUDTOP, _DEM      20 m
// and ancillary/ the layout of lasrc.md 1. Everything appears as a whole; the same requests give
// the same bytes for any number of threads. Throws as simulate_landsat().
SimulatedGranules simulate_sentinel(const std::vector<SentinelRequest>& requests,
                                    SentinelPackage package, const TransferSolver& solver,
                                    const SimulationOptions& options);

}  // namespace hls::simulate
