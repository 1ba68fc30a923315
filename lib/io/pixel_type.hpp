// SPDX-License-Identifier: Apache-2.0
// C++ type <-> PixelType <-> GDAL's data type, and conversion between pixel types. Internal to io.
#pragma once

#include <gdal.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>

#include "io/raster.hpp"

namespace hls::io {

template <typename T>
constexpr PixelType pixel_type_of() {
    if constexpr (std::is_same_v<T, std::uint8_t>) return PixelType::u8;
    if constexpr (std::is_same_v<T, std::int16_t>) return PixelType::i16;
    if constexpr (std::is_same_v<T, std::uint16_t>) return PixelType::u16;
    if constexpr (std::is_same_v<T, std::int32_t>) return PixelType::i32;
    if constexpr (std::is_same_v<T, float>) return PixelType::f32;
}

inline GDALDataType gdal_type(PixelType type) {
    switch (type) {
        case PixelType::u8:
            return GDT_Byte;
        case PixelType::i16:
            return GDT_Int16;
        case PixelType::u16:
            return GDT_UInt16;
        case PixelType::i32:
            return GDT_Int32;
        case PixelType::f32:
            return GDT_Float32;
    }
    return GDT_Unknown;
}

inline std::optional<PixelType> pixel_type_from_gdal(GDALDataType type) {
    switch (type) {
        case GDT_Byte:
            return PixelType::u8;
        case GDT_Int16:
            return PixelType::i16;
        case GDT_UInt16:
            return PixelType::u16;
        case GDT_Int32:
            return PixelType::i32;
        case GDT_Float32:
            return PixelType::f32;
        default:
            return std::nullopt;
    }
}

// Rounds half away from zero and clamps to To's range; NaN becomes 0 in an integer type.
template <typename To, typename From>
To convert_pixel(From value) noexcept {
    if constexpr (std::is_same_v<To, From>) {
        return value;
    } else if constexpr (std::is_floating_point_v<To>) {
        return static_cast<To>(value);
    } else {
        const double number = std::round(static_cast<double>(value));
        if (number <= static_cast<double>(std::numeric_limits<To>::min()))
            return std::numeric_limits<To>::min();
        if (number >= static_cast<double>(std::numeric_limits<To>::max()))
            return std::numeric_limits<To>::max();
        return std::isnan(number) ? To{0} : static_cast<To>(number);
    }
}

// Calls body with a value of the C++ type of `type`.
template <typename Body>
void with_pixel_type(PixelType type, Body body) {
    switch (type) {
        case PixelType::u8:
            return body(std::uint8_t{});
        case PixelType::i16:
            return body(std::int16_t{});
        case PixelType::u16:
            return body(std::uint16_t{});
        case PixelType::i32:
            return body(std::int32_t{});
        case PixelType::f32:
            return body(float{});
    }
}

}  // namespace hls::io
