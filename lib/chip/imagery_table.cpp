// SPDX-License-Identifier: Apache-2.0
#include "chip/imagery_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <ranges>

#include "core/error.hpp"

namespace hls::chip {
namespace {

using Json = nlohmann::json;

ImageryKind kind_of(const std::string& text) {
    if (text == "sentinel-2") return ImageryKind::sentinel2;
    if (text == "hls") return ImageryKind::hls;
    throw Error(Exit::bad_input, fmt::format("kind '{}' is neither sentinel-2 nor hls", text));
}

OffsetRule rule_of(const std::string& text) {
    if (text == "baseline") return OffsetRule::baseline;
    if (text == "flag-and-pixels") return OffsetRule::flag_and_pixels;
    if (text == "none") return OffsetRule::none;
    throw Error(Exit::bad_input, fmt::format("unknown offset rule '{}'", text));
}

ImageryTable table_of(const Json& json) {
    ImageryTable table;
    for (const auto& [name, layout] : json.at("layouts").items())
        table.layouts[name] = {kind_of(layout.at("kind")), rule_of(layout.at("offset")),
                               layout.at("quality"), layout.at("bands")};
    table.collections = json.at("collections");
    for (const auto& [name, profile] : json.at("profiles").items())
        table.profiles[name] = {name, kind_of(profile.at("kind")), profile.at("pixel_m"),
                                profile.at("bands")};
    table.wavelength_um = json.at("wavelength_um");
    for (const auto& [collection, layout] : table.collections)
        if (!table.layouts.contains(layout))
            throw Error(Exit::bad_input,
                        fmt::format("collection {} has unknown layout {}", collection, layout));
    return table;
}

}  // namespace

const BandProfile& ImageryTable::profile(const std::string& name) const {
    if (const auto found = profiles.find(name); found != profiles.end()) return found->second;
    throw Error(Exit::usage, fmt::format("no band profile {}", name),
                fmt::format("there are {}", fmt::join(profiles | std::views::keys, ", ")));
}

const CollectionLayout& ImageryTable::layout_of(const std::string& collection) const {
    if (const auto found = collections.find(collection); found != collections.end())
        return layouts.at(found->second);
    throw Error(Exit::bad_input, fmt::format("collection {} is not known", collection),
                "describe it in a copy of share/chip/imagery.json and name that with --imagery");
}

ImageryTable parse_imagery_table(std::string_view text, const std::string& source) {
    try {
        return table_of(Json::parse(text));
    } catch (const Json::exception& error) {
        throw Error(Exit::bad_input, fmt::format("{}: no imagery table: {}", source, error.what()),
                    "see share/chip/imagery.json");
    } catch (const Error& error) {
        throw Error(error.code, fmt::format("{}: {}", source, error.message));
    }
}

}  // namespace hls::chip
