// SPDX-License-Identifier: Apache-2.0
#include "zarr/data_type.hpp"

#include <fmt/format.h>

#include <array>

#include "core/error.hpp"
#include "core/escape.hpp"
#include "core/parse.hpp"

namespace hls::zarr {
namespace {

struct TypeName {
    std::string_view name;
    char code;  // numpy's
    DataType type;
};

constexpr std::array kNames{
    TypeName{"bool", 'b', kBool},
    TypeName{"int8", 'i', kInt8},
    TypeName{"int16", 'i', kInt16},
    TypeName{"int32", 'i', kInt32},
    TypeName{"int64", 'i', kInt64},
    TypeName{"uint8", 'u', kUint8},
    TypeName{"uint16", 'u', kUint16},
    TypeName{"uint32", 'u', kUint32},
    TypeName{"uint64", 'u', kUint64},
    TypeName{"float16", 'f', {TypeKind::floating, 2}},
    TypeName{"float32", 'f', kFloat32},
    TypeName{"float64", 'f', kFloat64},
    TypeName{"complex64", 'c', {TypeKind::complex, 8}},
    TypeName{"complex128", 'c', {TypeKind::complex, 16}},
};

constexpr std::size_t kMaxElementBytes = 1 << 16;

[[noreturn]] void refuse_type(std::string_view name) {
    throw Error{Exit::bad_input,
                fmt::format("data type \"{}\" is not supported", json_escape(name.substr(0, 100)))};
}

}  // namespace

std::size_t DataType::unit_bytes() const {
    switch (kind) {
        case TypeKind::complex:
            return bytes / 2;
        case TypeKind::utf32:
            return 4;
        case TypeKind::raw:
        case TypeKind::variable_text:
            return 1;
        default:
            return bytes;
    }
}

DataType data_type_from_name(std::string_view name) {
    for (const auto& row : kNames)
        if (row.name == name) return row.type;
    if (name.starts_with("r")) {
        const auto bits = to_int(name.substr(1));
        if (bits && *bits > 0 && *bits % 8 == 0 &&
            *bits / 8 <= static_cast<std::int64_t>(kMaxElementBytes))
            return {TypeKind::raw, static_cast<std::size_t>(*bits / 8)};
    }
    refuse_type(name);
}

std::string data_type_name(const DataType& type) {
    for (const auto& row : kNames)
        if (row.type == type) return std::string(row.name);
    if (type.kind == TypeKind::raw) return fmt::format("r{}", type.bytes * 8);
    if (type.kind == TypeKind::utf32) return fmt::format("utf32[{}]", type.bytes / 4);
    return "string";
}

TypeString data_type_from_typestr(std::string_view text) {
    if (text == "|O") return {{TypeKind::variable_text, 0}, false};
    if (text.size() < 3) refuse_type(text);
    const char order = text[0];
    const char code = text[1];
    const auto count = to_int(text.substr(2));
    if (!count || *count < 1 || *count > static_cast<std::int64_t>(kMaxElementBytes / 4) ||
        std::string_view("<>|").find(order) == std::string_view::npos)
        refuse_type(text);
    const auto size = static_cast<std::size_t>(*count);
    const bool big = order == '>';
    if (code == 'U' && order != '|') return {{TypeKind::utf32, 4 * size}, big};
    if ((code == 'S' || code == 'V') && order == '|') return {{TypeKind::raw, size}, false};
    for (const auto& row : kNames)
        if (row.code == code && row.type.bytes == size) {
            if (order == '|' && size > 1) refuse_type(text);
            return {row.type, big && size > 1};
        }
    refuse_type(text);
}

std::string typestr_of(const DataType& type, bool big_endian) {
    const char order = big_endian ? '>' : '<';
    for (const auto& row : kNames)
        if (row.type == type)
            return fmt::format("{}{}{}", type.bytes == 1 ? '|' : order, row.code, type.bytes);
    if (type.kind == TypeKind::utf32) return fmt::format("{}U{}", order, type.bytes / 4);
    if (type.kind == TypeKind::raw) return fmt::format("|S{}", type.bytes);
    return "|O";
}

}  // namespace hls::zarr
