// SPDX-License-Identifier: Apache-2.0
// The granules of one tile from one Sentinel-2 datatake. Usually one; twins where the data came
// down in parts (orchestration.md 3.5, 6.9).
#pragma once

#include <string>
#include <vector>

#include "scene/sentinel2_ac_scene.hpp"

namespace hls::tile {

// The cloud gate: a granule is left out if its metadata say more than this, and its mask agrees.
inline constexpr double kHighestCloudPercent = 95;
inline constexpr double kLowestClearPercent = 2;

struct LeftOut {
    std::string product_id;
    std::string reason;  // "low sun", "cloudy"
};

struct Twins {
    std::vector<scene::Sentinel2AcScene> scenes;  // never empty; in the order of their ids
    std::vector<LeftOut> left_out;
};

// Orders the granules and leaves out those with the sun too low and those under cloud. Throws
// Error: bad_input for granules of different tiles, satellites, orbits or datatakes and for the
// same granule twice; if none is left, cloudy if one of them was, else low_sun.
Twins make_twins(std::vector<scene::Sentinel2AcScene> scenes);

// Percent of the mask's pixels with data that are not cloud; shadow and snow count as clear, as in
// Fmask 4 (fmask.md 10). 0 without data.
double clear_percent(const scene::Sentinel2AcScene& scene);

}  // namespace hls::tile
