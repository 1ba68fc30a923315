// SPDX-License-Identifier: Apache-2.0
#include "fmask/cloud_probability.hpp"

namespace hls::fmask {
namespace {

constexpr double kMarginC = 4;         // beyond the percentiles of clear land
constexpr double kHotMargin = 0.04;    // reflectance
constexpr double kCirrusOfOne = 0.04;  // cirrus reflectance whose probability is 1

double land_factor(const SceneStatistics& s, double heat) {
    if (s.thermal) {
        const double high = *s.land_high_c + kMarginC;
        const double low = *s.land_low_c - kMarginC;
        return std::max(0., (high - heat / 100) / (high - low));
    }
    const double low = s.hot_low - kHotMargin;
    const double high = s.hot_high + kHotMargin;
    return std::clamp((heat * kHotUnit - low) / (high - low), 0., 1.);
}

double water_factor(const SceneStatistics& s, double heat) {
    if (!s.thermal || !s.water_high_c) return 1;
    return std::max(0., (*s.water_high_c - heat / 100) / 4);
}

}  // namespace

CloudProbability::CloudProbability(const SceneStatistics& statistics, const Profile& profile)
    : land_(65536), water_(65536), cirrus_gain_(profile.cirrus_weight / kCirrusOfOne) {
    for (int i = 0; i < 65536; ++i) {
        const auto index = static_cast<std::size_t>(i);
        land_[index] = land_factor(statistics, i - 32768);
        water_[index] = water_factor(statistics, i - 32768) * kProbabilityUnit / kBrightWater;
    }
}

}  // namespace hls::fmask
