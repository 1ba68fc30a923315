// SPDX-License-Identifier: Apache-2.0
#include "chip/scene_item.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <tuple>

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/parse.hpp"
#include "fs/read_text.hpp"
#include "geo/mgrs.hpp"
#include "net/s3.hpp"
#include "net/url.hpp"

namespace hls::chip {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxItemBytes = 4 << 20;
constexpr double kSameFootprint = 0.05;

std::optional<std::string> text_of(const Json& properties, const char* key) {
    const auto found = properties.find(key);
    if (found == properties.end() || !found->is_string()) return std::nullopt;
    return found->get<std::string>();
}

// From grid:code (MGRS-30TVK), the older mgrs properties, or the name of the product.
std::string tile_of(const Json& properties, const std::string& id) {
    if (const auto code = text_of(properties, "grid:code"); code && code->starts_with("MGRS-"))
        return code->substr(5);
    for (const char* key : {"s2:mgrs_tile", "mgrs:tile"})
        if (const auto tile = text_of(properties, key)) return *tile;
    for (const char separator : {'_', '.'})
        for (const auto part : split(id, separator))
            if (part.size() == 6 && part[0] == 'T' && geo::parse_mgrs_tile(part))
                return std::string(part.substr(1));
    for (const auto part : split(id, '_'))
        if (part.size() == 5 && geo::parse_mgrs_tile(part)) return std::string(part);
    return {};
}

double ring_area(const Json& ring) {
    double twice = 0;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const Json &a = ring[i], &b = ring[(i + 1) % ring.size()];
        twice += a.at(0).get<double>() * b.at(1).get<double>() -
                 b.at(0).get<double>() * a.at(1).get<double>();
    }
    return std::abs(twice) / 2;
}

double footprint_area(const Json& geometry) {
    double area = 0;
    const auto& coordinates = geometry.at("coordinates");
    if (geometry.at("type") == "Polygon") return ring_area(coordinates.at(0));
    for (const Json& polygon : coordinates) area += ring_area(polygon.at(0));
    return area;
}

bool is_plain_http(const std::string& href) {
    if (!href.starts_with("http://")) return false;
    try {
        return net::is_loopback(net::parse_url(href).host);
    } catch (const Error&) {
        return false;
    }
}

bool is_public_object(const std::string& href, const LinkRules& links) {
    return net::is_s3_uri(href) &&
           links.public_buckets.contains(href.substr(5, href.find('/', 5) - 5));
}

SceneAsset checked_link(const std::string& href, const ItemSource& source) {
    SceneAsset asset;
    const bool web = href.starts_with("https://") ||
                     (is_plain_http(href) && (source.loopback || !source.remote));
    if (web) {
        try {
            net::Url url = net::parse_url(href);
            if (source.remote) url.query.clear();
            asset.href = net::to_string(url);
        } catch (const Error& error) {
            asset.refused = error.message;
        }
        return asset;
    }
    const bool scheme = href.find("://") != href.npos || href.starts_with("/vsi");
    if (net::is_s3_uri(href) &&
        (source.links.requester_pays || is_public_object(href, source.links))) {
        asset.href = href;
    } else if (!source.remote && !scheme) {
        const std::filesystem::path path(href);
        asset.href = (path.is_absolute() ? path : source.folder / path).lexically_normal().string();
    } else {
        asset.refused = fmt::format("link {} is not one to follow", net::shown(href));
        if (net::is_s3_uri(href)) asset.refused += " without --allow-requester-pays";
    }
    return asset;
}

// Of an asset, or of the first alternate that may be followed.
SceneAsset asset_of(const Json& json, const ItemSource& source) {
    SceneAsset asset = checked_link(json.at("href").get<std::string>(), source);
    if (!asset.refused.empty() && json.contains("alternate"))
        for (const auto& [name, other] : json.at("alternate").items())
            if (SceneAsset link = checked_link(other.value("href", ""), source);
                link.refused.empty()) {
                asset = std::move(link);
                break;
            }
    for (const char* list : {"eo:bands", "bands"})
        if (const auto bands = json.find(list); bands != json.end() && bands->is_array())
            for (const Json& band : *bands)
                if (const auto name = text_of(band, "name")) asset.bands.push_back(*name);
    return asset;
}

// From the item, else from the name of its product (.._N0510_..).
std::optional<ProcessingBaseline> baseline_of(const Json& properties) {
    for (const char* key : {"s2:processing_baseline", "processing:version"})
        if (const auto text = text_of(properties, key))
            if (const auto baseline = parse_baseline(*text)) return baseline;
    for (const auto part : split(text_of(properties, "s2:product_uri").value_or(""), '_'))
        if (part.size() == 5 && part[0] == 'N')
            return parse_baseline(std::string(part.substr(1, 2)) + '.' +
                                  std::string(part.substr(3)));
    return std::nullopt;
}

SceneItem item_of(const Json& json, const ItemSource& source) {
    SceneItem item;
    item.id = json.at("id");
    item.collection = json.at("collection");
    const Json& properties = json.at("properties");
    item.datetime = parse_utc(properties.at("datetime").get<std::string>());
    item.tile = tile_of(properties, item.id);
    if (item.tile.empty()) throw Error(Exit::bad_input, "no MGRS tile");
    if (const auto cloud = properties.find("eo:cloud_cover");
        cloud != properties.end() && cloud->is_number() && std::isfinite(cloud->get<double>()))
        item.cloud_percent = cloud->get<double>();
    item.baseline = baseline_of(properties);
    if (const auto flag = properties.find("earthsearch:boa_offset_applied");
        flag != properties.end() && flag->is_boolean())
        item.offset_applied = flag->get<bool>();
    item.updated = text_of(properties, "updated").value_or("");
    item.footprint_deg2 = footprint_area(json.at("geometry"));
    const auto box = json.at("bbox").get<std::vector<double>>();
    if (box.size() != 4 && box.size() != 6)
        throw Error(Exit::bad_input, "bbox has neither four nor six numbers");
    item.west_deg = box[0];
    item.south_deg = box[1];
    item.east_deg = box[box.size() / 2];
    item.north_deg = box[box.size() / 2 + 1];
    for (const auto& [key, asset] : json.at("assets").items())
        if (asset.contains("href")) item.assets[key] = asset_of(asset, source);
    return item;
}

bool same_footprint(const SceneItem& a, const SceneItem& b) {
    const double larger = std::max(a.footprint_deg2, b.footprint_deg2);
    const double width = std::min(a.east_deg, b.east_deg) - std::max(a.west_deg, b.west_deg);
    const double height = std::min(a.north_deg, b.north_deg) - std::max(a.south_deg, b.south_deg);
    const auto box = [](const SceneItem& i) {
        return (i.east_deg - i.west_deg) * (i.north_deg - i.south_deg);
    };
    const double both = width > 0 && height > 0 ? width * height : 0;
    const bool boxes = both >= (1 - kSameFootprint) * std::max(box(a), box(b));
    return boxes && std::abs(a.footprint_deg2 - b.footprint_deg2) <= kSameFootprint * larger;
}

}  // namespace

const std::string& SceneItem::href_of(const std::string& key, const std::string& band) const {
    const auto named = [&](const auto& entry) {
        const auto& [name, asset] = entry;
        const std::string end = asset.href.substr(asset.href.rfind('.') + 1);
        return (end == "tif" || end == "TIF" || end == "tiff") &&
               std::ranges::any_of(asset.bands, [&](const std::string& held) {
                   return held == key || held == band;
               });
    };
    auto found = assets.find(key);
    if (found == assets.end()) found = std::ranges::find_if(assets, named);
    if (found == assets.end())
        throw Error(Exit::bad_input, fmt::format("{} has no asset {}", id, key));
    if (!found->second.refused.empty())
        throw Error(Exit::bad_input, fmt::format("{}: {}", key, found->second.refused));
    return found->second.href;
}

SceneItem parse_scene_item(std::string_view json, const ItemSource& source) {
    try {
        return item_of(Json::parse(json), source);
    } catch (const Json::exception& error) {
        throw Error(Exit::bad_input,
                    fmt::format("{}: no STAC item: {}", source.name, error.what()));
    } catch (const Error& error) {
        throw Error(Exit::bad_input, fmt::format("{}: {}", source.name, error.message), error.hint);
    }
}

std::vector<SceneItem> read_scene_items(const std::filesystem::path& folder, const LinkRules& links,
                                        int& skipped) {
    if (!std::filesystem::is_directory(folder))
        throw Error(Exit::missing_input, fmt::format("{} is no folder", folder.string()),
                    "--stac-dir wants a folder of STAC items");
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.path().extension() == ".json") files.push_back(entry.path());
    std::ranges::sort(files);
    std::vector<SceneItem> items;
    for (const auto& file : files) {
        try {
            items.push_back(
                parse_scene_item(fs::read_text(file, kMaxItemBytes),
                                 {file.string(), file.parent_path(), false, false, links}));
        } catch (const Error& error) {
            ++skipped;
            log_info("skipped: {}", error.message);
        }
    }
    return items;
}

std::vector<SceneItem> merge_scene_items(std::vector<SceneItem> items,
                                         const std::vector<std::string>& order) {
    const auto rank = [&](const SceneItem& item) {
        return std::ranges::find(order, item.collection) - order.begin();
    };
    std::erase_if(items, [&](const SceneItem& item) {
        return rank(item) == static_cast<std::ptrdiff_t>(order.size());
    });
    const auto minute = [](const SceneItem& item) {
        return std::chrono::round<std::chrono::minutes>(item.datetime);
    };
    std::ranges::sort(items, [&](const SceneItem& a, const SceneItem& b) {
        const auto newest_first = [](const SceneItem& i) {
            return std::tuple(i.baseline.value_or(ProcessingBaseline{}), i.updated, i.id);
        };
        return std::tuple(a.tile, minute(a), rank(a), newest_first(b)) <
               std::tuple(b.tile, minute(b), rank(b), newest_first(a));
    });
    std::vector<SceneItem> merged;
    for (SceneItem& item : items) {
        const bool twin = std::ranges::any_of(merged, [&](const SceneItem& kept) {
            return kept.tile == item.tile && minute(kept) == minute(item) &&
                   (kept.collection != item.collection || same_footprint(kept, item));
        });
        if (!twin) merged.push_back(std::move(item));
    }
    return merged;
}

}  // namespace hls::chip
