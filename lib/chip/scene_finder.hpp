// SPDX-License-Identifier: Apache-2.0
// Scenes of a task's tile and seasons, from a folder of STAC items or from a catalogue.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "chip/imagery_access.hpp"
#include "chip/imagery_table.hpp"
#include "chip/scene_item.hpp"
#include "chip/task.hpp"

namespace hls::chip {

struct FoundScenes {
    std::vector<SceneItem> items;                               // merged
    std::vector<std::pair<std::string, std::string>> warnings;  // code, detail
};

// Thread-safe.
using SceneFinder = std::function<FoundScenes(const Task&)>;

// All items of the folder, looked at once. Throws what read_scene_items() throws.
SceneFinder find_in_folder(const std::filesystem::path& folder, const LinkRules& links);

// Where scenes come from, as a user says it.
struct SceneOrigin {
    std::string folder;     // of STAC items; else
    std::string catalogue;  // name or address; empty: that of the task
    // Answers of a catalogue are kept in here and asked for once, whichever worker comes first.
    std::filesystem::path cache;
    bool requester_pays = false;
};

// `table` and `access` outlive the finder. Throws Error{usage} for a task without a catalogue.
SceneFinder find_in_catalogue(const SceneOrigin& origin, const ImageryTable& table,
                              ImageryAccess& access);
SceneFinder find_scenes(const SceneOrigin& origin, const ImageryTable& table,
                        ImageryAccess& access);

// The whole months that hold the series, or all seasons, so that cells of different latitude share
// an answer.
DateRange search_days(const ImageryRequest& imagery);

}  // namespace hls::chip
