// SPDX-License-Identifier: Apache-2.0
// Aerosol of a Landsat scene at window resolution (one value per 3 x 3 pixels, at the centre),
// filled where the retrieval failed and interpolated to pixels on demand (lasrc.md 8).
#pragma once

#include <cstdint>
#include <span>

#include "core/view2d.hpp"
#include "lasrc/quirks.hpp"

namespace hls::lasrc {

// Bits of SR_QA_AEROSOL; 6-7 hold the aerosol level 0..3.
inline constexpr std::uint8_t kFlagFill = 1;
inline constexpr std::uint8_t kFlagValid = 2;
inline constexpr std::uint8_t kFlagWater = 4;
inline constexpr std::uint8_t kFlagInterpolated = 32;
inline constexpr int kAerosolLevelShift = 6;

// Windows along an image side of `pixels` >= 1; the last may have 2..4 pixels, a side of 1 has one.
inline int window_count(int pixels) noexcept {
    return pixels < 2 ? 1 : (pixels + 1) / 3;
}
// Pixel at the centre of window `index`.
inline int window_center(int index, int pixels) noexcept {
    return pixels < 2 ? 0 : 3 * index + 1;
}

struct AerosolField {
    AerosolField(int image_rows, int image_cols)
        : rows(image_rows),
          cols(image_cols),
          aot550(window_count(rows), window_count(cols)),
          eps(window_count(rows), window_count(cols)),
          flags(window_count(rows), window_count(cols), kFlagFill),
          center_is_fill(window_count(rows), window_count(cols), 1) {}

    int rows, cols;             // of the image, in pixels
    Plane<float> aot550;        // 0 where the window has no valid pixel
    Plane<float> eps;           // Angstrom exponent, likewise
    Plane<std::uint8_t> flags;  // as the retrieval leaves them; fill and valid can both be set
    Plane<std::uint8_t> center_is_fill;  // 1: the centre pixel is fill
};

// Gives windows without a valid retrieval the mean of their neighbours within two windows: first
// where at least four are valid, then spreading forward and backward from one; 0.05 and eps 1.5
// where nothing is near. Flags do not change. Sequential by definition.
void fill_failed_windows(AerosolField& field);

// AOT, eps and flags of the pixels of one image row, fill pixels not yet taken out. Every span has
// field.cols elements.
struct AerosolRow {
    std::span<float> aot550;
    std::span<float> eps;
    std::span<std::uint8_t> flags;
};
void interpolate_row(const AerosolField& field, int row, const Quirks& quirks,
                     const AerosolRow& out) noexcept;

}  // namespace hls::lasrc
