// SPDX-License-Identifier: Apache-2.0
// Digital numbers to encoded surface reflectance, TOA reflectance and brightness temperature, one
// image row at a time (lasrc.md 2, 5.1, 10). All spans of a call have the same length.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "lasrc/atmosphere_function.hpp"
#include "lasrc/encoding.hpp"
#include "lasrc/polynomial_model.hpp"
#include "lasrc/quirks.hpp"

namespace hls::lasrc {

// Digital number to TOA reflectance before division by the cosine of the sun zenith.
struct Calibration {
    float mult = 0.f;
    float add = 0.f;
};

struct BandCorrection {
    Calibration calibration;
    BandAtmosphere first_pass;  // at the climatological aerosol
    PolynomialModel model;
};

// TOA reflectance of one pixel, limited to the valid range.
inline float toa_reflectance(Calibration calibration, std::uint16_t dn, float cos_sun) noexcept {
    const float overhead = static_cast<float>(dn) * calibration.mult + calibration.add;
    return limit_reflectance(overhead / cos_sun);
}

// What a row of pixels has in common to all bands.
struct PixelRow {
    std::span<const float> cos_sun;
    std::span<const float> aot550;
    std::span<const float> eps;
    std::span<const std::uint8_t> fill;  // 1: no data, the output is 0
};

// Encoded surface reflectance. `first_pass_change` may be empty; else it gets |first-pass - final|
// surface reflectance, which tells the aerosol level (band 1).
void correct_row(const BandCorrection& band, const PixelRow& row, std::span<const std::uint16_t> dn,
                 const Quirks& quirks, std::span<std::uint16_t> code,
                 std::span<float> first_pass_change) noexcept;

// Encoded TOA reflectance (cirrus band).
void encode_toa_row(Calibration calibration, const PixelRow& row, std::span<const std::uint16_t> dn,
                    const Quirks& quirks, std::span<std::uint16_t> code) noexcept;

// Code of every possible digital number of a thermal band; K1, K2 as in the MTL.
std::vector<std::uint16_t> thermal_codes(Calibration radiance, float k1, float k2);

// Aerosol level 1 (low), 2 or 3 (high) of a change, shifted to bits 6-7.
std::uint8_t aerosol_level_bits(float first_pass_change) noexcept;

// Cosine for each sun zenith stored in 0.01 deg, indexed by the bits of the int16.
std::vector<float> cosines_of_hundredths();

}  // namespace hls::lasrc
