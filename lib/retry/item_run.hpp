// SPDX-License-Identifier: Apache-2.0
// Runs one work item as a child and says how it ended in a result record.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "joblog/result_record.hpp"
#include "retry/work_item.hpp"

namespace hls::retry {

struct ItemRunOptions {
    // <run_id>.log (what the tool says on stderr) and <run_id>.out (its stdout) go here. Empty:
    // they are not kept, and the log goes to our stderr at the end; then there must be a scratch
    // folder.
    std::filesystem::path log_folder;
    // The tool's TMPDIR is a folder <run_id> in it, which is new and is removed at the end,
    // whatever the end. Empty: the tool's TMPDIR is ours.
    std::filesystem::path scratch_folder;
    std::function<bool()> heartbeat;  // false: the unit is in other hands, stop
    std::chrono::milliseconds heartbeat_interval{0};
    // SHA-256 of a file, to prove expected outputs.
    std::function<std::string(const std::filesystem::path&)> digest;
    bool verify_digests = false;  // of outputs that the tool reported, not only their sizes
};

struct ItemResult {
    joblog::ResultRecord record;
    std::string line;         // the record as JSON
    bool taken_over = false;  // the heartbeat said stop: nobody wants the record
};

// The record is the tool's own (the last line of its stdout with this run id) with the times,
// memory and fate that we saw. A success is believed only if all outputs are there in the size
// recorded; otherwise it becomes a failure of exit code 70. A tool that is not there is one of 69.
ItemResult run_item(const WorkItem& item, const ItemRunOptions& options);

}  // namespace hls::retry
