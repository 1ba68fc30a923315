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
    std::string href;  // local path or https address
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
};

// An item on disk, whose relative links start at its own folder, or one that a remote catalogue
// sent, whose links must be https: a catalogue must not make us read files of ours. s3:// links are
// refused without `requester_pays`. Throws Error{bad_input} that names the item and what is wrong.
struct ItemSource {
    std::string name;
    std::filesystem::path folder;  // of local items
    bool remote = false;
    bool requester_pays = false;
};
SceneItem parse_scene_item(std::string_view json, const ItemSource& source);

// Items of all .json files below a folder, in order of their names; what is no usable item is
// counted in `skipped`. Throws Error{missing_input}.
std::vector<SceneItem> read_scene_items(const std::filesystem::path& folder, int& skipped);

// One item per tile and minute: the collection that comes first in `order` wins, then the newest
// baseline, the newest update, the greatest id. Products whose outlines differ by more than 5 %
// are parts of one pass and are kept both. Collections not in `order` are dropped.
std::vector<SceneItem> merge_scene_items(std::vector<SceneItem> items,
                                         const std::vector<std::string>& order);

}  // namespace hls::chip
