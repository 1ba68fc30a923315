// SPDX-License-Identifier: Apache-2.0
// The folder of a data set as a whole: which plan it belongs to, its manifest, whether it is sound.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "chip/manifest.hpp"

namespace hls::chip {

// Part files hold the result of a task and the records of its chips.
struct TaskPart {
    TaskResult result;
    std::vector<ChipRecord> chips;
};
// All that are there, by task id. Throws Error{bad_input} for a damaged one.
std::vector<TaskPart> read_parts(const std::filesystem::path& folder);

// The chips of all of them.
std::vector<ChipRecord> read_chips(const std::filesystem::path& folder);

// The plan's first line and class map become plan.json and classes.csv. Throws Error{bad_input} if
// the folder holds chips of another plan.
void adopt_plan(const std::filesystem::path& folder, const std::string& plan_line,
                std::string_view class_map_csv);

// Throws Error{bad_input} if the folder is known to hold chips of another plan.
void check_plan(const std::filesystem::path& folder, const std::string& plan_id);

// manifest.jsonl from all parts, one chip a line, by name. Runs of several workers may end
// together.
void merge_manifest(const std::filesystem::path& folder);

struct Fault {
    std::string path;  // below the folder
    std::string what;
};
struct VerifyReport {
    std::int64_t chips = 0, tasks = 0;
    std::vector<Fault> faults;
};
// Both files of every chip, their size, type, bands, position and digest, the classes of masks, the
// manifest against the parts and the files against both, and no shared pixel across splits.
// With `fix`, files of no chip, old temporary files and parts of broken chips are removed, so that
// the next run makes them again.
VerifyReport verify_data_set(const std::filesystem::path& folder, int threads, bool fix,
                             const std::function<void(double)>& progress);

}  // namespace hls::chip
