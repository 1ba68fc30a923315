// SPDX-License-Identifier: Apache-2.0
// The landscape as Sentinel-2's MSI sees it.
#pragma once

#include <array>
#include <string_view>

#include "granule/sentinel2.hpp"
#include "simulate/landscape.hpp"

namespace hls::simulate {

inline constexpr int kMsiBands = granule::kSentinel2Bands;
inline constexpr int kMsiVapour = 9, kMsiCirrus = 10;  // indices of B09 and B10
using MsiSpectrum = std::array<float, kMsiBands>;

// From OLI's bands by the inverse of the satellite's bandpass adjustment, so that adjusting gives
// the landscape back; the bands OLI has not, from red and near infrared by how green the pixel is.
// B10 is what SWIR1 is: no satellite sees the ground there.
MsiSpectrum msi_spectrum(const GroundPixel& ground,
                         const granule::Sentinel2Satellite& satellite) noexcept;

// What an HLS product shows for a band: adjusted to OLI where the satellite's table says how.
float adjusted_to_oli(float reflectance, int band,
                      const granule::Sentinel2Satellite& satellite) noexcept;

}  // namespace hls::simulate
