// SPDX-License-Identifier: Apache-2.0
#include "product/layers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/error.hpp"

namespace hls::product {
namespace {

using enum LayerKind;

constexpr std::array<LayerSpec, 15> kL30{{
    // The published items state the wavelengths of B01 as 0.48 and of B02 as 0.44: swapped centres
    // (tiling.md 6, quirk 19); here they are right.
    {"B01", reflectance, "Coastal_Aerosol", "coastal", 0.44, 0.02},
    {"B02", reflectance, "Blue", "blue", 0.48, 0.06},
    {"B03", reflectance, "Green", "green", 0.56, 0.06},
    {"B04", reflectance, "Red", "red", 0.65, 0.04},
    {"B05", reflectance, "NIR", "nir", 0.86, 0.03},
    {"B06", reflectance, "SWIR1", "swir16", 1.6, 0.08},
    {"B07", reflectance, "SWIR2", "swir22", 2.2, 0.2},
    {"B09", reflectance, "Cirrus", "cirrus", 1.37, 0.02},
    {"B10", thermal, "TIRS1", "lwir11", 10.9, 0.8},
    {"B11", thermal, "TIRS2", "lwir12", 12.0, 1.0},
    {"Fmask", mask, "", "", 0, 0},
    {"SZA", angle, "Solar_Zenith", "", 0, 0},
    {"SAA", angle, "Solar_Azimuth", "", 0, 0},
    {"VZA", angle, "View_Zenith", "", 0, 0},
    {"VAA", angle, "View_Azimuth", "", 0, 0},
}};

constexpr std::array<LayerSpec, 18> kS30{{
    {"B01", reflectance, "Coastal_Aerosol", "coastal", 0.4439, 0.027},
    {"B02", reflectance, "Blue", "blue", 0.4966, 0.098},
    {"B03", reflectance, "Green", "green", 0.56, 0.045},
    {"B04", reflectance, "Red", "red", 0.6645, 0.038},
    {"B05", reflectance, "Red_Edge1", "", 0.7039, 0.019},
    {"B06", reflectance, "Red_Edge2", "", 0.7402, 0.018},
    {"B07", reflectance, "Red_Edge3", "", 0.7825, 0.028},
    {"B08", reflectance, "NIR_Broad", "nir", 0.8351, 0.145},
    {"B8A", reflectance, "NIR_Narrow", "", 0.8648, 0.033},
    {"B09", reflectance, "Water_Vapor", "", 0.945, 0.026},
    {"B10", reflectance, "Cirrus", "cirrus", 1.3735, 0.075},
    {"B11", reflectance, "SWIR1", "swir16", 1.6137, 0.143},
    {"B12", reflectance, "SWIR2", "swir22", 2.22024, 0.242},
    {"Fmask", mask, "", "", 0, 0},
    {"SZA", angle, "Solar_Zenith", "", 0, 0},
    {"SAA", angle, "Solar_Azimuth", "", 0, 0},
    {"VZA", angle, "View_Zenith", "", 0, 0},
    {"VAA", angle, "View_Azimuth", "", 0, 0},
}};

}  // namespace

std::span<const LayerSpec> layers(granule::HlsSensor sensor) noexcept {
    if (sensor == granule::HlsSensor::l30) return kL30;
    return kS30;
}

std::size_t layer_index(granule::HlsSensor sensor, std::string_view name) {
    const auto table = layers(sensor);
    const auto at = std::find_if(table.begin(), table.end(),
                                 [&](const LayerSpec& spec) { return spec.name == name; });
    if (at == table.end())
        throw Error{Exit::internal,
                    fmt::format("{} has no layer {}", granule::hls_sensor_name(sensor), name)};
    return static_cast<std::size_t>(at - table.begin());
}

io::PixelType pixel_type(LayerKind kind) noexcept {
    if (kind == mask) return io::PixelType::u8;
    return kind == angle ? io::PixelType::u16 : io::PixelType::i16;
}

double fill_value(LayerKind kind) noexcept {
    if (kind == mask) return kMaskFill;
    return kind == angle ? kAngleFill : kReflectanceFill;
}

double scale_factor(LayerKind kind) noexcept {
    if (kind == mask) return 1;
    return kind == reflectance ? 0.0001 : 0.01;
}

}  // namespace hls::product
