// SPDX-License-Identifier: Apache-2.0
// What a pixel is: the codes of truth rasters and of Landsat's quality band.
#pragma once

#include <cstdint>

#include "simulate/landscape.hpp"
#include "simulate/sky.hpp"

namespace hls::simulate {

// Bits of QA_PIXEL (USGS LSDS-1619, table 5-3). Confidences take two bits: 1 low, 3 high.
enum QaPixelBit : int {
    kQaFill = 0,
    kQaDilated = 1,
    kQaCirrus = 2,
    kQaCloud = 3,
    kQaShadow = 4,
    kQaSnow = 5,
    kQaClear = 6,
    kQaWater = 7,
    kQaCloudConfidence = 8,
    kQaShadowConfidence = 10,
    kQaSnowConfidence = 12,
    kQaCirrusConfidence = 14,
};

// What one pixel of a scene is covered by.
struct PixelSky {
    CloudColumn seen{};  // on the line of sight
    CloudLight light;
    float least_tau = 0, most_tau = 0;  // of clouds, in the bands of the sensor
    float shadow = 0;                   // lost part of the direct sun
    bool shadow_from_outside = false;   // its cloud is not in the picture
};

std::uint16_t qa_pixel(const PixelSky& sky, const GroundPixel& ground) noexcept;

// Codes of the truth rasters FMASK and CLASS. FMASK knows the faintest cloud and shadow, so that
// its clear land is clear. CLASS is what a person would draw and be sure of: cloud of an optical
// thickness of 2 and more in every band, shadow where more than half of the direct light is
// missing, snow where it covers more than half. Undecided is what is neither this nor that:
// - veils of 0.3 to 2, which let through three quarters and more of the light of the ground, and
//   shadows as thin;
// - the rim of a cloud that only some bands see, as the bands of MSI look at a cloud from places
//   one to three pixels apart;
// - patchy snow, from a tenth to a half of the pixel;
// - water or snow in a shadow, which are both;
// - the shadow of a cloud that lies beyond the edge, which nothing in the picture can tell.
inline constexpr std::uint8_t kTruthLand = 0, kTruthWater = 1, kTruthShadow = 2, kTruthSnow = 3,
                              kTruthCloud = 4, kTruthUndecided = 5, kTruthFill = 255;
std::uint8_t truth_code(const PixelSky& sky, const GroundPixel& ground) noexcept;
std::uint8_t truth_class(const PixelSky& sky, const GroundPixel& ground) noexcept;

}  // namespace hls::simulate
