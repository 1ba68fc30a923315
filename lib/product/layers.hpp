// SPDX-License-Identifier: Apache-2.0
// The layers of an HLS product as data: names, encodings, wavelengths (tiling.md 5.1, 5.2, 5.7).
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "granule/hls.hpp"
#include "io/raster.hpp"

namespace hls::product {

inline constexpr int kReflectanceFill = -9999;  // also brightness temperature
inline constexpr int kMaskFill = 255;
inline constexpr int kAngleFill = 40000;

// Tiles of both products: 3660 x 3660 pixels of 30 m.
inline constexpr int kTileSize = 3660;

enum class LayerKind {
    reflectance,  // int16, 1e-4, fill -9999
    thermal,      // int16, 0.01 degree Celsius, fill -9999
    mask,         // uint8 bits, fill 255
    angle,        // uint16, 0.01 degree, fill 40000
};

struct LayerSpec {
    std::string_view name;  // B01, B8A, Fmask, SZA
    LayerKind kind{};
    std::string_view long_name;  // band description, "Coastal_Aerosol"; empty for the mask
    // Of spectral bands only, as the published STAC items say it:
    std::string_view common_name;  // may be empty
    double center_um = 0;
    double fwhm_um = 0;
};

// In the order of the files: L30 B01..B07, B09, B10, B11, Fmask, SZA, SAA, VZA, VAA (15); S30 has
// B01..B08, B8A, B09..B12 before Fmask (18).
std::span<const LayerSpec> layers(granule::HlsSensor sensor) noexcept;

// Position in layers(sensor); throws Error{internal} if there is no such layer.
std::size_t layer_index(granule::HlsSensor sensor, std::string_view name);

io::PixelType pixel_type(LayerKind kind) noexcept;
double fill_value(LayerKind kind) noexcept;
double scale_factor(LayerKind kind) noexcept;  // 1 for the mask

}  // namespace hls::product
