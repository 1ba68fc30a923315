// SPDX-License-Identifier: Apache-2.0
// One task to its chips: parcels, scenes, windows, files, and the part file that commits them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "chip/boa_offset.hpp"
#include "chip/chip_files.hpp"
#include "chip/class_map.hpp"
#include "chip/imagery_table.hpp"
#include "chip/manifest.hpp"
#include "chip/scene_finder.hpp"
#include "chip/scene_store.hpp"
#include "chip/task.hpp"
#include "core/error.hpp"

namespace hls::chip {

struct RunSettings {
    std::filesystem::path output;
    std::string parcels;  // replaces the path of the tasks
    ClassMap class_map;
    ImageryTable imagery;
    SceneFinder find_scenes;
    ImageryAccess* access = nullptr;
    OffsetChoice offset = OffsetChoice::automatic;
    io::Compression compression = io::Compression::zstd;
    bool flat = false;
    bool fields = false, qa = false;     // rasters beside image and mask
    std::optional<int> original_worker;  // names as of the original pipeline, by this worker
    bool force = false;                  // makes chips again that are there
    int io_threads = 4;                  // bands of a scene read at a time
    // Of bands in memory while a stack is cut, which is long enough for many scenes.
    std::size_t stack_bytes = kKeptBandBytes;
    std::string worker;
};

// "E_BAD_INPUT", "E_DISK": how results name the reason of a failure.
std::string error_code(Exit exit);

// Never throws but for cancellation: what goes wrong is in the result.
TaskResult run_task(const Task& task, const RunSettings& settings);

}  // namespace hls::chip
