// SPDX-License-Identifier: Apache-2.0
// JSON as metadata needs it: read strictly, held as plain values, written the same way every time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace hls::zarr {

struct JsonValue;
using JsonArray = std::vector<JsonValue>;
using JsonObject = std::map<std::string, JsonValue, std::less<>>;

// null, a truth value, a number (integers that fit are kept exactly), text in UTF-8, a list or an
// object. Two values are equal if they are written alike: 1 and 1.0 differ.
struct JsonValue {
    using Variant = std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double,
                                 std::string, JsonArray, JsonObject>;

    JsonValue() = default;
    JsonValue(std::nullptr_t) {}
    JsonValue(bool truth) : value(truth) {}
    JsonValue(int number) : value(std::int64_t{number}) {}
    JsonValue(std::int64_t number) : value(number) {}
    // Kept as a signed number where it fits, so that equal numbers compare equal.
    JsonValue(std::uint64_t number);
    JsonValue(double number) : value(number) {}
    JsonValue(const char* text) : value(std::string(text)) {}
    JsonValue(std::string_view text) : value(std::string(text)) {}
    JsonValue(std::string text) : value(std::move(text)) {}
    JsonValue(JsonArray list) : value(std::move(list)) {}
    JsonValue(JsonObject object) : value(std::move(object)) {}

    // The content if it is of that kind, nullptr otherwise.
    template <typename T>
    const T* get() const {
        return std::get_if<T>(&value);
    }
    bool is_null() const { return std::holds_alternative<std::nullptr_t>(value); }
    bool operator==(const JsonValue& other) const = default;

    Variant value = nullptr;
};

// The member `name` of an object, nullptr if `value` is no object or has no such member.
const JsonValue* member(const JsonValue& value, std::string_view name);
const JsonValue* member(const JsonObject& object, std::string_view name);

// Any number as double; Error{bad_input} that names `what` if `value` is none.
double number_of(const JsonValue& value, std::string_view what);

// Throws Error{bad_input} that starts with `what` for anything RFC 8259 does not allow, for a
// member given twice, for text that is not UTF-8, for nesting deeper than 64 and for more than 64
// MiB.
JsonValue parse_json(std::string_view text, std::string_view what);

enum class JsonLayout { indented, compact };

// ASCII only (\uXXXX: readers of Zarr 2 decode metadata as ASCII), members in the order of their
// names, shortest decimals that read back to the same number, a line end after indented text.
// Numbers that are not finite have no JSON form: throws Error{internal}.
std::string format_json(const JsonValue& value, JsonLayout layout = JsonLayout::indented);

bool is_utf8(std::string_view text);

}  // namespace hls::zarr
