// SPDX-License-Identifier: Apache-2.0
// The element types of Zarr arrays, under their names in both versions of the format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "zarr/json_value.hpp"
#include "zarr/object_store.hpp"

namespace hls::zarr {

enum class TypeKind {
    boolean,           // one byte, 0 or 1
    integer,           // 1, 2, 4, 8 bytes
    unsigned_integer,  // 1, 2, 4, 8 bytes
    floating,          // 2, 4, 8 bytes
    complex,           // 8, 16 bytes: real, imaginary
    utf32,             // fixed number of UTF-32 code units, zero-padded (read only)
    raw,               // fixed number of bytes (read only)
    variable_text,     // UTF-8 of any length (version 2, read only; Array::read_text)
};

struct DataType {
    TypeKind kind = TypeKind::floating;
    std::size_t bytes = 4;  // of one element in memory; 0 for variable_text

    // What is swapped between byte orders: half a complex number, one code unit of text.
    std::size_t unit_bytes() const;
    bool operator==(const DataType&) const = default;
};

inline constexpr DataType kBool{TypeKind::boolean, 1};
inline constexpr DataType kInt8{TypeKind::integer, 1};
inline constexpr DataType kInt16{TypeKind::integer, 2};
inline constexpr DataType kInt32{TypeKind::integer, 4};
inline constexpr DataType kInt64{TypeKind::integer, 8};
inline constexpr DataType kUint8{TypeKind::unsigned_integer, 1};
inline constexpr DataType kUint16{TypeKind::unsigned_integer, 2};
inline constexpr DataType kUint32{TypeKind::unsigned_integer, 4};
inline constexpr DataType kUint64{TypeKind::unsigned_integer, 8};
inline constexpr DataType kFloat32{TypeKind::floating, 4};
inline constexpr DataType kFloat64{TypeKind::floating, 8};

// "int16", "float32", "bool", "r16" (raw bits): version 3's names, also ours in configurations.
// Throws Error{bad_input} for any other.
DataType data_type_from_name(std::string_view name);
std::string data_type_name(const DataType& type);

struct TypeString {
    DataType type;
    bool big_endian = false;
};

// numpy's type string, version 2's name: "<i2", ">f8", "|u1", "|b1", "<U8", "|S4", "|O" (with
// filter vlen-utf8). Throws Error{bad_input} for any other, structured types among them.
TypeString data_type_from_typestr(std::string_view text);
std::string typestr_of(const DataType& type, bool big_endian = false);

// One element in native byte order from metadata's fill_value, exactly: a number that the type does
// not hold is Error{bad_input}. Takes "NaN", "Infinity", "-Infinity", version 3's hexadecimal
// "0x7fc00000" and, of version 2, text for the text types.
Bytes fill_from_json(const DataType& type, const JsonValue& value);
JsonValue fill_to_json(const DataType& type, ByteView element);

// One element of `type` from a plain number; Error{bad_input} if it cannot hold it exactly
// (float32 rounds; that is what stores do with 0.1).
Bytes element_from_double(const DataType& type, double number);
double element_to_double(const DataType& type, ByteView element);

}  // namespace hls::zarr
