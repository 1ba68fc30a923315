// SPDX-License-Identifier: Apache-2.0
#include "io/raster.hpp"

#include <array>

#include "core/error.hpp"

namespace hls::io {
namespace {

struct TypeRow {
    PixelType type;
    std::string_view name;
    std::size_t bytes;
};

constexpr std::array kTypes{
    TypeRow{PixelType::u8, "uint8", 1},    TypeRow{PixelType::i16, "int16", 2},
    TypeRow{PixelType::u16, "uint16", 2},  TypeRow{PixelType::i32, "int32", 4},
    TypeRow{PixelType::f32, "float32", 4},
};

const TypeRow& row_of(PixelType type) {
    for (const auto& row : kTypes)
        if (row.type == type) return row;
    throw Error{Exit::internal, "unknown pixel type"};
}

}  // namespace

std::string_view pixel_type_name(PixelType type) {
    return row_of(type).name;
}
std::size_t pixel_bytes(PixelType type) {
    return row_of(type).bytes;
}

}  // namespace hls::io
