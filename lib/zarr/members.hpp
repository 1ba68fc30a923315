// SPDX-License-Identifier: Apache-2.0
// Members of a JSON object by kind, with messages that name document and member. Internal to zarr.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zarr/json_value.hpp"

namespace hls::zarr {

// Reads an object that outlives it. Everything that does not fit is Error{bad_input}.
class Members {
 public:
    // `where` starts the messages: "red/.zarray", "red/zarr.json: codec blosc".
    Members(const JsonValue& value, std::string where);
    Members(const JsonObject& object, std::string where) : object_(object), where_(where) {}

    const std::string& where() const { return where_; }
    const JsonObject& object() const { return object_; }
    const JsonValue* find(std::string_view name) const { return member(object_, name); }
    const JsonValue& at(std::string_view name) const;

    std::string text(std::string_view name) const;
    std::int64_t integer(std::string_view name) const;
    std::int64_t integer_or(std::string_view name, std::int64_t otherwise) const;
    bool truth_or(std::string_view name, bool otherwise) const;
    // Sizes: integers of 0 to 2^62.
    std::vector<std::uint64_t> sizes(std::string_view name) const;
    const JsonArray& list(std::string_view name) const;

    // Refuses members with other names.
    void allow_only(std::initializer_list<std::string_view> names) const;
    [[noreturn]] void fail(std::string_view problem) const;

 private:
    [[noreturn]] void wrong(std::string_view name, std::string_view wanted) const;

    const JsonObject& object_;
    std::string where_;
};

}  // namespace hls::zarr
