// SPDX-License-Identifier: Apache-2.0
// How far a corrected scene is from the truth it was simulated from.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "simulate/error_statistics.hpp"
#include "simulate/landscape.hpp"

namespace hls::simulate {

struct TruthReport {
    std::string product_id;
    std::array<ErrorStatistics, kReflectiveBands> bands;  // surface reflectance B1..B7
    ErrorStatistics aot;
    double mean_true_aot = 0;
    // Red reflectance by land cover; water is not land and stays empty.
    std::array<ErrorStatistics, kCovers> red_by_cover;
    std::int64_t lost = 0;  // clear land of the truth that the scene calls fill

    double worst_bias() const;  // over the bands, absolute
    double worst_rmse() const;
};

// Compares SR_B1..B7 and AOT of an AC scene folder with a truth folder over the land that no cloud,
// cirrus or shadow touches. Throws Error{missing_input} for an absent file, {bad_input} when sizes
// differ, {empty} when no land is left.
TruthReport compare_with_truth(const std::filesystem::path& scene,
                               const std::filesystem::path& truth);

std::string report_table(const TruthReport& report);  // lines for people
std::string report_json(const TruthReport& report);   // one line

}  // namespace hls::simulate
