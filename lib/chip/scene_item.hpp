// SPDX-License-Identifier: Apache-2.0
// One scene of a catalogue: what a chip needs to know of a STAC item.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chip/boa_offset.hpp"
#include "core/time.hpp"

namespace hls::chip {

struct SceneAsset {
    std::string href;                // local path, https address or s3://
    std::string refused;             // why the link is none to follow, else empty
    std::vector<std::string> bands;  // names, without common names that several bands share
};

struct SceneItem {
    std::string id, collection;
    std::string tile;  // "30TVK"
    UtcTime datetime{};
    std::optional<double> cloud_percent;
    std::optional<ProcessingBaseline> baseline;
    std::optional<bool> offset_applied;
    std::string updated;        // as the catalogue writes it
    double footprint_deg2 = 0;  // planar area of the outline, only to be compared
    double west_deg = 0, south_deg = 0, east_deg = 0, north_deg = 0;
    std::map<std::string, SceneAsset> assets;

    // By its key, else the GeoTIFF that says it holds the band `key` or `band`. Throws
    // Error{bad_input} for what is absent or has a link that must not be followed.
    const std::string& href_of(const std::string& key, const std::string& band) const;
};

// Which s3:// links may be followed: those of public buckets, or all at the cost of the caller.
struct LinkRules {
    std::map<std::string, std::string> public_buckets;  // to their https address
    bool requester_pays = false;
};

// An item on disk, whose relative links start at its own folder, or one that a remote catalogue
// sent, whose links must be https (http from a catalogue on loopback): a catalogue must not make us
// read files of ours, and what its links carry after '?' is dropped. Throws Error{bad_input} that
// names the item and what is wrong.
struct ItemSource {
    std::string name;
    std::filesystem::path folder;  // of local items
    bool remote = false;
    bool loopback = false;  // a remote catalogue on this machine
    LinkRules links;
};
SceneItem parse_scene_item(std::string_view json, const ItemSource& source);

// Items of all .json files below a folder, in order of their names; what is no usable item is
// counted in `skipped`. Throws Error{missing_input}.
std::vector<SceneItem> read_scene_items(const std::filesystem::path& folder, const LinkRules& links,
                                        int& skipped);

// One item per tile and minute: the collection that comes first in `order` wins, then the newest
// baseline, the newest update, the greatest id. Products whose outlines differ by more than 5 %
// are parts of one pass and are kept both. Collections not in `order` are dropped.
std::vector<SceneItem> merge_scene_items(std::vector<SceneItem> items,
                                         const std::vector<std::string>& order);

}  // namespace hls::chip
