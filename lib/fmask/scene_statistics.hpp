// SPDX-License-Identifier: Apache-2.0
// Numbers that describe a scene as a whole and that every pixel's class depends on. Kept in a file,
// they let a part of a scene be classified as the whole would be.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "fmask/profile.hpp"

namespace hls::fmask {

struct SceneStatistics {
    // What the numbers belong to.
    std::string product_id;
    std::string profile;
    Sensor sensor = Sensor::landsat;
    bool thermal = true;

    std::int64_t valid_pixels = 0;
    std::int64_t clear_pixels = 0;  // valid and no potential cloud
    bool enough_clear = true;       // else nothing is known of the ground
    bool much_snow = false;         // enough for the test of absolute snow

    // Cirrus reflectance of clear pixels, 1e-4: one value, or one per 100 m of elevation from
    // cirrus_base_from_m on. Empty without a cirrus band.
    std::vector<int> cirrus_base;
    int cirrus_base_from_m = 0;

    std::optional<double> water_occurrence_above;  // percent
    std::optional<double> built_up_below_c;        // split of built-up pixels by temperature

    // Clear land, 17.5th and 82.5th percentiles; clear water, 82.5th.
    std::optional<double> land_low_c, land_high_c, water_high_c;
    double hot_low = 0;
    double hot_high = 0;
    double lapse_c_per_m = 0;  // of temperature over elevation, <= 0
    int lowest_m = 0;

    double land_threshold = 0;
    std::optional<double> water_threshold;  // none without clear water

    int nir_background = 0;  // 1e-4; what lies around the image for the shadow test
    int swir1_background = 0;

    bool operator==(const SceneStatistics&) const = default;
};

// JSON, one number a line. Reading throws Error{missing_input, bad_input}.
std::string format_statistics(const SceneStatistics& statistics);
SceneStatistics read_statistics(const std::filesystem::path& path);

}  // namespace hls::fmask
