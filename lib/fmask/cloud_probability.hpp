// SPDX-License-Identifier: Apache-2.0
// Probability of cloud from temperature (or haze), spectral variability, brightness and cirrus
// (Zhu & Woodcock 2012 eq. 7-16, Zhu et al. 2015, Qiu et al. 2019).
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "fmask/profile.hpp"
#include "fmask/scene_statistics.hpp"
#include "fmask/surface.hpp"

namespace hls::fmask {

// Probabilities in units of 1e-4, clamped; they may exceed 1.
constexpr int kLowestProbability = -10000;
constexpr int kHighestProbability = 65000;
constexpr int kProbabilityUnit = 10000;

class CloudProbability {
 public:
    // Needs the percentiles of `statistics`, not yet its thresholds.
    CloudProbability(const SceneStatistics& statistics, const Profile& profile);

    // heat as Surface::heat; variability, cirrus and swir1 in 1e-4.
    int over_land(std::int16_t heat, int variability, int cirrus) const noexcept {
        return rounded(at(land_, heat) * variability + cirrus_gain_ * cirrus);
    }
    int over_water(std::int16_t heat, int swir1, int cirrus) const noexcept {
        return rounded(at(water_, heat) * std::min(swir1, kBrightWater) + cirrus_gain_ * cirrus);
    }

 private:
    static constexpr int kBrightWater = 1100;  // SWIR1 reflectance of certain cloud, 1e-4

    static double at(const std::vector<double>& table, std::int16_t heat) noexcept {
        return table[static_cast<std::size_t>(heat + 32768)];
    }
    static int rounded(double value) noexcept {
        return static_cast<int>(
            std::floor(std::clamp<double>(value, kLowestProbability, kHighestProbability) + 0.5));
    }

    std::vector<double> land_;   // factor on variability by heat
    std::vector<double> water_;  // factor on SWIR1 by heat, 1e-4 over 1e-4
    double cirrus_gain_ = 0;
};

}  // namespace hls::fmask
