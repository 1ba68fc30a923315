// SPDX-License-Identifier: Apache-2.0
#include "zarr/config_object.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cmath>
#include <utility>

#include "core/error.hpp"
#include "core/parse.hpp"

namespace hls::zarr {
namespace {

std::optional<std::uint64_t> count_of(const JsonValue& value) {
    const auto* number = value.get<std::int64_t>();
    if (number == nullptr || *number < 1) return std::nullopt;
    return static_cast<std::uint64_t>(*number);
}

std::optional<std::uint64_t> bytes_of(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, double>, 8> kSuffixes{{{"KiB", 0x1p10},
                                                                            {"MiB", 0x1p20},
                                                                            {"GiB", 0x1p30},
                                                                            {"TiB", 0x1p40},
                                                                            {"KB", 1e3},
                                                                            {"MB", 1e6},
                                                                            {"GB", 1e9},
                                                                            {"TB", 1e12}}};
    double scale = 1;
    for (const auto& [suffix, factor] : kSuffixes) {
        if (scale != 1 || !text.ends_with(suffix)) continue;
        scale = factor;
        text.remove_suffix(suffix.size());
    }
    const auto number = to_double(trim(text));
    if (!number || *number * scale < 1 || *number * scale > 1e18) return std::nullopt;
    return static_cast<std::uint64_t>(*number * scale);
}

}  // namespace

ConfigObject::ConfigObject(const JsonValue& value, std::string place)
    : object_(value.get<JsonObject>()), place_(std::move(place)) {
    if (object_ == nullptr) throw Error{Exit::usage, place_ + " must be an object"};
}

std::string ConfigObject::place(std::string_view name) const {
    return fmt::format("{}{}{}", place_, place_.find(": ") == std::string::npos ? ": " : ".", name);
}

void ConfigObject::fail(std::string_view name, const std::string& problem) const {
    throw Error{Exit::usage, fmt::format("{} {}", place(name), problem)};
}

const JsonValue* ConfigObject::find(std::string_view name) {
    asked_.emplace(name);
    return member(*object_, name);
}

const JsonValue& ConfigObject::require(std::string_view name) {
    const JsonValue* value = find(name);
    if (value == nullptr) fail(name, "is missing");
    return *value;
}

ConfigObject ConfigObject::object(std::string_view name) {
    return {require(name), place(name)};
}

std::string ConfigObject::text(std::string_view name) {
    const auto* text = require(name).get<std::string>();
    if (text == nullptr || text->empty()) fail(name, "must be text");
    return *text;
}

std::string ConfigObject::text_or(std::string_view name, std::string fallback) {
    return find(name) == nullptr ? std::move(fallback) : text(name);
}

bool ConfigObject::flag_or(std::string_view name, bool fallback) {
    const JsonValue* value = find(name);
    if (value == nullptr) return fallback;
    const auto* flag = value->get<bool>();
    if (flag == nullptr) fail(name, "must be true or false");
    return *flag;
}

std::optional<double> ConfigObject::number(std::string_view name) {
    const JsonValue* value = find(name);
    if (value == nullptr) return std::nullopt;
    const bool whole = value->get<std::int64_t>() != nullptr;
    if (!whole && value->get<double>() == nullptr) fail(name, "must be a number");
    return whole ? static_cast<double>(*value->get<std::int64_t>()) : *value->get<double>();
}

std::uint64_t ConfigObject::count_or(std::string_view name, std::uint64_t fallback) {
    const JsonValue* value = find(name);
    if (value == nullptr) return fallback;
    const auto count = count_of(*value);
    if (!count) fail(name, "must be a whole number from 1 on");
    return *count;
}

std::optional<std::vector<std::string>> ConfigObject::texts(std::string_view name) {
    const JsonValue* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (const auto* one = value->get<std::string>()) return std::vector{*one};
    const auto* list = value->get<JsonArray>();
    if (list == nullptr) fail(name, "must be text or a list of texts");
    std::vector<std::string> texts;
    for (const JsonValue& item : *list) {
        const auto* text = item.get<std::string>();
        if (text == nullptr) fail(name, "must be text or a list of texts");
        texts.push_back(*text);
    }
    return texts;
}

std::uint64_t ConfigObject::bytes_or(std::string_view name, std::uint64_t fallback) {
    const JsonValue* value = find(name);
    if (value == nullptr) return fallback;
    const auto* text = value->get<std::string>();
    const auto bytes = text != nullptr ? bytes_of(*text) : count_of(*value);
    if (!bytes) fail(name, "must be a number of bytes such as 2000000 or \"2GB\"");
    return *bytes;
}

std::size_t ConfigObject::word_or(std::string_view name, const std::vector<std::string_view>& words,
                                  std::size_t fallback) {
    if (find(name) == nullptr) return fallback;
    const std::string given = text(name);
    for (std::size_t i = 0; i < words.size(); ++i)
        if (words[i] == given) return i;
    fail(name, fmt::format("must be one of {}", fmt::join(words, ", ")));
}

std::vector<std::string> ConfigObject::names() const {
    std::vector<std::string> names;
    for (const auto& [name, value] : *object_) names.push_back(name);
    return names;
}

void ConfigObject::finish() const {
    for (const auto& [name, value] : *object_)
        if (!asked_.contains(name)) fail(name, "is not known");
}

}  // namespace hls::zarr
