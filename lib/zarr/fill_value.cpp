// SPDX-License-Identifier: Apache-2.0
// Single elements: fill values as metadata spell them, and plain numbers.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include "core/error.hpp"
#include "zarr/base64.hpp"
#include "zarr/data_type.hpp"

namespace hls::zarr {
namespace {

static_assert(std::endian::native == std::endian::little, "elements in memory are little-endian");

[[noreturn]] void refuse_fill(const DataType& type, const JsonValue& value) {
    throw Error{Exit::bad_input, fmt::format("fill_value {} is no {}",
                                             format_json(value, JsonLayout::compact).substr(0, 100),
                                             data_type_name(type))};
}

template <typename T>
Bytes bytes_of(T value) {
    Bytes bytes(sizeof value);
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
}

template <typename T>
T value_of(ByteView element) {
    T value;
    std::memcpy(&value, element.data(), sizeof value);
    return value;
}

// IEEE 754 binary16, rounding to nearest, ties to even; overflow gives infinity.
std::uint16_t half_from_double(double number) {
    const auto sign = static_cast<std::uint16_t>(std::signbit(number) ? 0x8000 : 0);
    if (std::isnan(number)) return static_cast<std::uint16_t>(sign | 0x7E00);
    const double magnitude = std::abs(number);
    if (magnitude == 0) return sign;
    if (magnitude >= 65520.0) return static_cast<std::uint16_t>(sign | 0x7C00);
    int exponent = 0;
    std::frexp(magnitude, &exponent);
    const int step = std::max(exponent - 11, -24);  // weight of the last bit: 2^step
    const auto digits = static_cast<int>(std::nearbyint(std::ldexp(magnitude, -step)));
    // A mantissa that rounded up to 2048 carries into the exponent by itself.
    return static_cast<std::uint16_t>(sign + digits + (step == -24 ? 0 : (step + 24) * 1024));
}

double half_to_double(std::uint16_t bits) {
    const int exponent = (bits >> 10) & 31;
    const int mantissa = bits & 1023;
    double magnitude = 0;
    if (exponent == 31)
        magnitude = mantissa == 0 ? std::numeric_limits<double>::infinity()
                                  : std::numeric_limits<double>::quiet_NaN();
    else if (exponent == 0)
        magnitude = std::ldexp(mantissa, -24);
    else
        magnitude = std::ldexp(mantissa + 1024, exponent - 25);
    return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

// Calls body with a value of the C++ integer type of `type`.
template <typename Body>
auto with_integer(const DataType& type, Body body) {
    const bool is_signed = type.kind == TypeKind::integer;
    switch (type.bytes) {
        case 1:
            return is_signed ? body(std::int8_t{}) : body(std::uint8_t{});
        case 2:
            return is_signed ? body(std::int16_t{}) : body(std::uint16_t{});
        case 4:
            return is_signed ? body(std::int32_t{}) : body(std::uint32_t{});
        default:
            return is_signed ? body(std::int64_t{}) : body(std::uint64_t{});
    }
}

bool is_integer(const DataType& type) {
    return type.kind == TypeKind::integer || type.kind == TypeKind::unsigned_integer;
}

std::optional<Bytes> integer_element(const DataType& type, const JsonValue& value) {
    return with_integer(type, [&](auto sample) -> std::optional<Bytes> {
        using T = decltype(sample);
        if (const auto* number = value.get<std::int64_t>())
            return std::in_range<T>(*number) ? std::optional(bytes_of(static_cast<T>(*number)))
                                             : std::nullopt;
        if (const auto* number = value.get<std::uint64_t>())
            return std::in_range<T>(*number) ? std::optional(bytes_of(static_cast<T>(*number)))
                                             : std::nullopt;
        const auto* number = value.get<double>();
        // 2^digits is the first number beyond T; both limits are exact as double.
        const double beyond = std::ldexp(1.0, std::numeric_limits<T>::digits);
        const double least = std::is_signed_v<T> ? -beyond : 0.0;
        if (number == nullptr || *number != std::trunc(*number) || *number < least ||
            *number >= beyond)
            return std::nullopt;
        return bytes_of(static_cast<T>(*number));
    });
}

std::optional<Bytes> float_bits(std::size_t width, double number) {
    if (width == 8) return bytes_of(number);
    if (width == 2) {
        const auto bits = half_from_double(number);
        if (std::isfinite(number) && (bits & 0x7FFF) == 0x7C00) return std::nullopt;
        return bytes_of(bits);
    }
    if (std::isfinite(number) && std::abs(number) > std::numeric_limits<float>::max())
        return std::nullopt;
    return bytes_of(static_cast<float>(number));
}

// "0x7fc00000": the exact bits, most significant digit first.
std::optional<Bytes> float_from_hex(std::size_t width, std::string_view text) {
    std::uint64_t bits = 0;
    if (!text.starts_with("0x") || text.size() != 2 + 2 * width) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), bits, 16);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    Bytes element(width);
    std::memcpy(element.data(), &bits, width);
    return element;
}

std::optional<Bytes> float_element(std::size_t width, const JsonValue& value) {
    if (const auto* text = value.get<std::string>()) {
        if (*text == "NaN") return float_bits(width, std::numeric_limits<double>::quiet_NaN());
        if (*text == "Infinity") return float_bits(width, std::numeric_limits<double>::infinity());
        if (*text == "-Infinity")
            return float_bits(width, -std::numeric_limits<double>::infinity());
        return float_from_hex(width, *text);
    }
    if (value.get<double>() == nullptr && value.get<std::int64_t>() == nullptr &&
        value.get<std::uint64_t>() == nullptr)
        return std::nullopt;
    return float_bits(width, number_of(value, "fill_value"));
}

std::optional<Bytes> complex_element(std::size_t width, const JsonValue& value) {
    const auto* parts = value.get<JsonArray>();
    if (parts == nullptr || parts->size() != 2) return std::nullopt;
    auto real = float_element(width / 2, parts->front());
    const auto imaginary = float_element(width / 2, parts->back());
    if (!real || !imaginary) return std::nullopt;
    real->insert(real->end(), imaginary->begin(), imaginary->end());
    return real;
}

bool is_number_zero(const JsonValue& value) {
    const auto* number = value.get<std::int64_t>();
    return number != nullptr && *number == 0;
}

// Zarr 2 writers say "" or 0 for empty text; other texts are padded with zeros.
std::optional<Bytes> utf32_element(std::size_t width, const JsonValue& value) {
    Bytes element(width);
    if (is_number_zero(value)) return element;
    const auto* text = value.get<std::string>();
    if (text == nullptr) return std::nullopt;
    std::size_t at = 0;
    for (std::size_t i = 0; i < text->size(); at += 4) {
        const auto lead = static_cast<unsigned char>((*text)[i]);
        const std::size_t units = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        if (at + 4 > width || i + units > text->size()) return std::nullopt;
        std::uint32_t code = units == 1 ? lead : lead & (0x7Fu >> units);
        for (std::size_t k = 1; k < units; ++k)
            code = (code << 6) | (static_cast<unsigned char>((*text)[i + k]) & 0x3Fu);
        std::memcpy(element.data() + at, &code, 4);
        i += units;
    }
    return element;
}

// Version 2: base 64; version 3: a list of bytes.
std::optional<Bytes> raw_element(std::size_t width, const JsonValue& value) {
    Bytes element;
    if (is_number_zero(value)) return Bytes(width);
    if (const auto* text = value.get<std::string>()) {
        auto decoded = base64_decode(*text);
        if (!decoded) return std::nullopt;
        element = std::move(*decoded);
    } else if (const auto* list = value.get<JsonArray>()) {
        for (const auto& item : *list) {
            const auto byte = integer_element(kUint8, item);
            if (!byte) return std::nullopt;
            element.push_back(byte->front());
        }
        if (element.size() != width) return std::nullopt;
    } else {
        return std::nullopt;
    }
    if (element.size() > width) return std::nullopt;
    element.resize(width);
    return element;
}

std::optional<Bytes> element_from_json(const DataType& type, const JsonValue& value) {
    switch (type.kind) {
        case TypeKind::boolean:
            if (const auto* truth = value.get<bool>()) return bytes_of(std::uint8_t{*truth});
            if (const auto* number = value.get<std::int64_t>(); number && (*number | 1) == 1)
                return bytes_of(static_cast<std::uint8_t>(*number));
            return std::nullopt;
        case TypeKind::integer:
        case TypeKind::unsigned_integer:
            return integer_element(type, value);
        case TypeKind::floating:
            return float_element(type.bytes, value);
        case TypeKind::complex:
            return complex_element(type.bytes, value);
        case TypeKind::utf32:
            return utf32_element(type.bytes, value);
        case TypeKind::raw:
            return raw_element(type.bytes, value);
        case TypeKind::variable_text:
            if (is_number_zero(value) || value.get<std::string>() != nullptr) return Bytes{};
            return std::nullopt;
    }
    return std::nullopt;
}

double float_to_double(std::size_t width, ByteView element) {
    if (width == 2) return half_to_double(value_of<std::uint16_t>(element));
    if (width == 4) return static_cast<double>(value_of<float>(element));
    return value_of<double>(element);
}

JsonValue float_to_json(std::size_t width, ByteView element) {
    const double number = float_to_double(width, element);
    if (std::isfinite(number)) return number;
    if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
    const auto usual = float_bits(width, std::numeric_limits<double>::quiet_NaN());
    if (std::equal(element.begin(), element.end(), usual->begin(), usual->end())) return "NaN";
    std::uint64_t bits = 0;
    std::memcpy(&bits, element.data(), width);
    return fmt::format("0x{:0{}x}", bits, 2 * width);
}

std::string utf8_from_utf32(ByteView element) {
    std::string text;
    for (std::size_t at = 0; at + 4 <= element.size(); at += 4) {
        auto code = value_of<std::uint32_t>(element.subspan(at));
        if (code == 0) break;
        if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) code = 0xFFFD;
        const int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
        constexpr std::array<std::uint32_t, 4> kLead{0, 0xC0, 0xE0, 0xF0};
        text += static_cast<char>(kLead[static_cast<std::size_t>(more)] | (code >> (6 * more)));
        for (int k = more - 1; k >= 0; --k)
            text += static_cast<char>(0x80 | ((code >> (6 * k)) & 0x3F));
    }
    return text;
}

}  // namespace

Bytes fill_from_json(const DataType& type, const JsonValue& value) {
    auto element = element_from_json(type, value);
    if (!element) refuse_fill(type, value);
    return std::move(*element);
}

JsonValue fill_to_json(const DataType& type, ByteView element) {
    switch (type.kind) {
        case TypeKind::boolean:
            return element[0] != std::byte{0};
        case TypeKind::integer:
        case TypeKind::unsigned_integer:
            return with_integer(type, [&](auto sample) -> JsonValue {
                using T = decltype(sample);
                using Wide = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
                return static_cast<Wide>(value_of<T>(element));
            });
        case TypeKind::floating:
            return float_to_json(type.bytes, element);
        case TypeKind::complex:
            return JsonArray{float_to_json(type.bytes / 2, element.first(type.bytes / 2)),
                             float_to_json(type.bytes / 2, element.subspan(type.bytes / 2))};
        case TypeKind::utf32:
            return utf8_from_utf32(element);
        case TypeKind::raw: {
            JsonArray list;
            for (const auto byte : element) list.emplace_back(std::to_integer<int>(byte));
            return list;
        }
        case TypeKind::variable_text:
            return "";
    }
    return nullptr;
}

Bytes element_from_double(const DataType& type, double number) {
    std::optional<Bytes> element;
    if (is_integer(type)) element = integer_element(type, number);
    if (type.kind == TypeKind::floating) element = float_bits(type.bytes, number);
    if (!element)
        throw Error{Exit::bad_input,
                    fmt::format("{} does not fit into {}", number, data_type_name(type))};
    return std::move(*element);
}

double element_to_double(const DataType& type, ByteView element) {
    if (type.kind == TypeKind::floating) return float_to_double(type.bytes, element);
    if (type.kind == TypeKind::boolean) return element[0] != std::byte{0} ? 1 : 0;
    if (!is_integer(type))
        throw Error{Exit::bad_input, fmt::format("{} is no number", data_type_name(type))};
    return with_integer(type, [&](auto sample) {
        return static_cast<double>(value_of<decltype(sample)>(element));
    });
}

}  // namespace hls::zarr
