// SPDX-License-Identifier: Apache-2.0
// Aerosol of a Sentinel-2 granule: one value per window of 6 x 6 pixels, smoothed to pixels, with
// failed areas widened and filled by averages (lasrc.md 9).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/view2d.hpp"
#include "lasrc/aerosol_field.hpp"
#include "lasrc/quirks.hpp"

namespace hls::lasrc {

// Bits of SR_QA_AEROSOL beside kFlagFill, kFlagValid and kFlagWater.
inline constexpr std::uint8_t kFlagFailed = 8;
inline constexpr std::uint8_t kFlagFixed = 16;  // failed, and filled by an average
// Not in any output: the pixel has no data. kFlagFill stands only at window corners, as in the
// reference, until the flags are written.
inline constexpr std::uint8_t kFlagNoData = 32;

inline constexpr int kSentinel2Window = 6;  // pixels along a side

struct Sentinel2Aerosol {
    // rows and cols in 10 m pixels, multiples of 6.
    Sentinel2Aerosol(int image_rows, int image_cols)
        : rows(image_rows),
          cols(image_cols),
          window_aot550(rows / kSentinel2Window, cols / kSentinel2Window),
          window_eps(rows / kSentinel2Window, cols / kSentinel2Window),
          flags(rows, cols) {}

    int rows, cols;
    Plane<float> window_aot550;  // 0 where the window was left out
    Plane<float> window_eps;     // Angstrom exponent, likewise
    Plane<std::uint8_t> flags;   // of pixels; those of the retrieval only at window corners
    Plane<float> aot550;         // of pixels, by smooth_aot()
    std::vector<std::vector<float>> fixed_eps;  // per row, of its fixed pixels with data, in order
    std::optional<float> eps_everywhere;        // when no window of the granule was of any use

    // eps of the pixels of a row, 0 without data.
    void eps_row(int row, std::span<float> out) const noexcept;
};

// Fills aot550 from window_aot550: every pixel, in raster order, blends its value into the 6 x 6
// pixels from it on with those 6 pixels to its right and below (lasrc.md 9.1). Sequential by
// definition; a few operations per pixel.
void smooth_aot(Sentinel2Aerosol& aerosol, const Quirks& quirks);

// Marks as failed every pixel within 12 of a failed window corner that is neither water nor fill.
void widen_failed(Sentinel2Aerosol& aerosol, int threads);

// Gives failed pixels the mean AOT and eps of the 61 x 61 pixels around them that are neither fill
// nor failed, where there are more than 20; else from neighbours that got one, again and again.
void fill_failed(Sentinel2Aerosol& aerosol, int threads);

}  // namespace hls::lasrc
