// SPDX-License-Identifier: Apache-2.0
// Digital numbers of a Sentinel-2 band to encoded reflectance, one row of 10 m pixels at a time
// (lasrc.md 2, 10). All spans of a call have the same length.
#pragma once

#include <cstdint>
#include <span>

#include "lasrc/sentinel2_model.hpp"

namespace hls::lasrc {

// What a row of pixels has in common to all bands.
struct Sentinel2PixelRow {
    std::span<const float> aot550;
    std::span<const float> eps;
    std::span<const std::uint8_t> no_data;  // not 0: the output is 0
};

// Encoded surface reflectance. `change` gets |first-pass - final| surface reflectance, which tells
// the aerosol level (B01).
void correct_sentinel2_row(const Sentinel2BandModel& band, const Sentinel2PixelRow& row,
                           std::span<const std::uint16_t> dn, const Quirks& quirks,
                           std::span<std::uint16_t> code, std::span<float> change) noexcept;

// Encoded TOA reflectance (B10).
void encode_sentinel2_toa_row(Sentinel2Calibration calibration, const Sentinel2PixelRow& row,
                              std::span<const std::uint16_t> dn, const Quirks& quirks,
                              std::span<std::uint16_t> code) noexcept;

}  // namespace hls::lasrc
