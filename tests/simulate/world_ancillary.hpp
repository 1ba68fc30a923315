// SPDX-License-Identifier: Apache-2.0
// The ancillary files of a simulated world: constant air, the band ratios its surface obeys.
#pragma once

#include <filesystem>
#include <vector>

#include "simulate/ancillary_writer.hpp"
#include "simulate/ratio_law.hpp"
#include "simulate/scene_request.hpp"

namespace hls::simulate {

struct AncillaryArea {
    std::vector<geo::LonLat> outline;  // of the scene, its inside included
    geo::LonLat center;
    // What a sensor's bands add to the law of the landscape.
    RatioLaw departure{};
};

// The layout of lasrc.md 1 in `folder`.
void write_world_ancillary(const WorldRequest& world, const AncillaryArea& area,
                           const std::filesystem::path& folder, DayFile kind);

}  // namespace hls::simulate
