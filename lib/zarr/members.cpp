// SPDX-License-Identifier: Apache-2.0
#include "zarr/members.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/escape.hpp"

namespace hls::zarr {
namespace {

constexpr std::int64_t kMaxSize = std::int64_t{1} << 62;

const JsonObject& object_of(const JsonValue& value, const std::string& where) {
    const auto* object = value.get<JsonObject>();
    if (object == nullptr)
        throw Error{Exit::bad_input, fmt::format("{}: not a JSON object", where)};
    return *object;
}

}  // namespace

Members::Members(const JsonValue& value, std::string where)
    : object_(object_of(value, where)), where_(std::move(where)) {}

void Members::fail(std::string_view problem) const {
    throw Error{Exit::bad_input, fmt::format("{}: {}", where_, problem)};
}

void Members::wrong(std::string_view name, std::string_view wanted) const {
    const auto* value = find(name);
    if (value == nullptr) fail(fmt::format("no \"{}\"", name));
    const auto text = format_json(*value, JsonLayout::compact);
    fail(fmt::format("\"{}\" is {}, not {}", name, text.substr(0, 80), wanted));
}

const JsonValue& Members::at(std::string_view name) const {
    const auto* value = find(name);
    if (value == nullptr) wrong(name, "");
    return *value;
}

std::string Members::text(std::string_view name) const {
    const auto* value = find(name);
    if (value == nullptr || value->get<std::string>() == nullptr) wrong(name, "text");
    return *value->get<std::string>();
}

std::int64_t Members::integer(std::string_view name) const {
    const auto* value = find(name);
    if (value == nullptr || value->get<std::int64_t>() == nullptr) wrong(name, "an integer");
    return *value->get<std::int64_t>();
}

std::int64_t Members::integer_or(std::string_view name, std::int64_t otherwise) const {
    return find(name) == nullptr ? otherwise : integer(name);
}

bool Members::truth_or(std::string_view name, bool otherwise) const {
    const auto* value = find(name);
    if (value == nullptr) return otherwise;
    if (value->get<bool>() == nullptr) wrong(name, "true or false");
    return *value->get<bool>();
}

const JsonArray& Members::list(std::string_view name) const {
    const auto* value = find(name);
    if (value == nullptr || value->get<JsonArray>() == nullptr) wrong(name, "a list");
    return *value->get<JsonArray>();
}

std::vector<std::uint64_t> Members::sizes(std::string_view name) const {
    std::vector<std::uint64_t> sizes;
    for (const auto& item : list(name)) {
        const auto* size = item.get<std::int64_t>();
        if (size == nullptr || *size < 0 || *size > kMaxSize) wrong(name, "a list of sizes");
        sizes.push_back(static_cast<std::uint64_t>(*size));
    }
    return sizes;
}

void Members::allow_only(std::initializer_list<std::string_view> names) const {
    for (const auto& [name, value] : object_)
        if (std::find(names.begin(), names.end(), name) == names.end())
            fail(fmt::format("\"{}\" is not supported", json_escape(name.substr(0, 80))));
}

}  // namespace hls::zarr
