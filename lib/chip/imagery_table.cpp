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

Catalogue catalogue_of(const std::string& name, const Json& json) {
    Catalogue catalogue{name, json.at("url"), json.at("collections"), {}, 100, true, "", ""};
    catalogue.other_names = json.value("other_names", std::map<std::string, std::string>{});
    catalogue.page_items = json.value("page_items", catalogue.page_items);
    catalogue.cloud_query = json.value("cloud_query", catalogue.cloud_query);
    catalogue.tile_property = json.value("tile_property", "");
    catalogue.tile_prefix = json.value("tile_prefix", "");
    if (catalogue.page_items < 1 || catalogue.page_items > 10000)
        throw Error(Exit::bad_input, fmt::format("catalogue {}: page_items cannot be", name));
    return catalogue;
}

void read_servers(const Json& json, ImageryTable& table) {
    const Json catalogues = json.value("catalogues", Json::object());
    for (const auto& [name, catalogue] : catalogues.items())
        table.catalogues[name] = catalogue_of(name, catalogue);
    for (const Json& rule : json.value("access", Json::array()))
        table.access.push_back(
            {rule.at("hosts"), rule.value("sas", ""), rule.value("earthdata", false)});
    table.buckets = json.value("buckets", table.buckets);
}

ImageryTable table_of(const Json& json) {
    ImageryTable table;
    for (const auto& [name, layout] : json.at("layouts").items())
        table.layouts[name] = {kind_of(layout.at("kind")), rule_of(layout.at("offset")),
                               layout.at("quality"), layout.at("bands")};
    for (const auto& [name, layouts] : json.at("collections").items())
        table.collections[name] = layouts.is_array() ? layouts.get<std::vector<std::string>>()
                                                     : std::vector{layouts.get<std::string>()};
    for (const auto& [name, profile] : json.at("profiles").items())
        table.profiles[name] = {name, kind_of(profile.at("kind")), profile.at("pixel_m"),
                                profile.at("bands")};
    table.wavelength_um = json.at("wavelength_um");
    for (const auto& [collection, layouts] : table.collections)
        for (const std::string& layout : layouts)
            if (!table.layouts.contains(layout))
                throw Error(Exit::bad_input,
                            fmt::format("collection {} has unknown layout {}", collection, layout));
    read_servers(json, table);
    return table;
}

}  // namespace

const BandProfile& ImageryTable::profile(const std::string& name) const {
    if (const auto found = profiles.find(name); found != profiles.end()) return found->second;
    throw Error(Exit::usage, fmt::format("no band profile {}", name),
                fmt::format("there are {}", fmt::join(profiles | std::views::keys, ", ")));
}

const CollectionLayout& ImageryTable::layout_of(
    const std::string& collection,
    const std::function<bool(const std::string& key)>& has_asset) const {
    if (const auto found = collections.find(collection); found != collections.end()) {
        for (const std::string& name : found->second)
            if (has_asset(layouts.at(name).quality)) return layouts.at(name);
        return layouts.at(found->second.front());
    }
    throw Error(Exit::bad_input, fmt::format("collection {} is not known", collection),
                "describe it in a copy of share/chip/imagery.json and name that with --imagery");
}

Catalogue ImageryTable::catalogue(const std::string& name_or_url) const {
    std::string url = name_or_url;
    while (url.ends_with('/')) url.pop_back();
    if (url.ends_with("/search")) url.resize(url.size() - 7);
    for (const auto& [name, catalogue] : catalogues)
        if (name == name_or_url || catalogue.url == url) return catalogue;
    if (url.find("://") == url.npos)
        throw Error(Exit::usage, fmt::format("no catalogue {}", name_or_url),
                    fmt::format("give its address, or one of {}",
                                fmt::join(catalogues | std::views::keys, ", ")));
    return {url, url, {}, {}, 100, true, "", ""};
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
