// SPDX-License-Identifier: Apache-2.0
#include "simulate/pixel_truth.hpp"

namespace hls::simulate {
namespace {

constexpr float kCirrusTau = 0.5f;  // of ice that QA_PIXEL calls cirrus
constexpr float kFaintTau = 0.3f, kOpaqueTau = 2;
constexpr float kFaintShadow = 0.15f, kDarkShadow = 0.5f;
constexpr float kPatchySnow = 0.1f;

}  // namespace

std::uint16_t qa_pixel(const PixelSky& sky, const GroundPixel& ground) noexcept {
    const bool cloud = sky.light.tau - sky.light.ice_tau >= kVisibleTau;
    const bool cirrus = sky.light.ice_tau >= kCirrusTau;
    const bool dilated = !cloud && sky.light.tau > 0;
    const bool shadow = !cloud && sky.shadow > kVisibleShadow;
    const bool snow = ground.cover == Cover::snow;
    const bool water = ground.cover == Cover::water;
    const auto bit = [](bool set, int position) { return (set ? 1 : 0) << position; };
    const auto confidence = [](bool high, int position) { return (high ? 3 : 1) << position; };
    return static_cast<std::uint16_t>(
        bit(dilated, kQaDilated) | bit(cirrus, kQaCirrus) | bit(cloud, kQaCloud) |
        bit(shadow, kQaShadow) | bit(snow, kQaSnow) | bit(!cloud && !dilated, kQaClear) |
        bit(water, kQaWater) | confidence(cloud, kQaCloudConfidence) |
        confidence(shadow, kQaShadowConfidence) | confidence(snow, kQaSnowConfidence) |
        confidence(cirrus, kQaCirrusConfidence));
}

std::uint8_t truth_code(const PixelSky& sky, const GroundPixel& ground) noexcept {
    if (sky.light.tau > 0) return kTruthCloud;
    if (sky.shadow > 0) return kTruthShadow;
    if (ground.snow > 0) return kTruthSnow;
    return ground.cover == Cover::water ? kTruthWater : kTruthLand;
}

std::uint8_t truth_class(const PixelSky& sky, const GroundPixel& ground) noexcept {
    if (sky.least_tau >= kOpaqueTau) return kTruthCloud;
    if (sky.most_tau >= kFaintTau) return kTruthUndecided;
    const bool water = ground.cover == Cover::water;
    if (sky.shadow > kFaintShadow) {
        const bool sure = sky.shadow > kDarkShadow && !sky.shadow_from_outside && !water &&
                          ground.snow <= kPatchySnow;
        return sure ? kTruthShadow : kTruthUndecided;
    }
    if (water) return kTruthWater;
    if (ground.cover == Cover::snow) return kTruthSnow;
    return ground.snow > kPatchySnow ? kTruthUndecided : kTruthLand;
}

}  // namespace hls::simulate
