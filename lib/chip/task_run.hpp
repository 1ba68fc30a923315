// SPDX-License-Identifier: Apache-2.0
// One task to its chips: parcels, scenes, windows, files, and the part file that commits them.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "chip/boa_offset.hpp"
#include "chip/chip_files.hpp"
#include "chip/class_map.hpp"
#include "chip/imagery_table.hpp"
#include "chip/manifest.hpp"
#include "chip/scene_item.hpp"
#include "chip/task.hpp"

namespace hls::chip {

struct RunSettings {
    std::filesystem::path output;
    std::string parcels;  // replaces the path of the tasks
    ClassMap class_map;
    ImageryTable imagery;
    // Scenes of a task's tile in all its seasons, merged.
    std::function<std::vector<SceneItem>(const Task&)> find_scenes;
    OffsetChoice offset = OffsetChoice::automatic;
    io::Compression compression = io::Compression::zstd;
    bool flat = false;
    bool force = false;  // makes chips again that are there
    int io_threads = 1;
    std::string worker;
};

// Never throws but for cancellation: what goes wrong is in the result.
TaskResult run_task(const Task& task, const RunSettings& settings);

}  // namespace hls::chip
