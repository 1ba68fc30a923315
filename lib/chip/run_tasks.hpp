// SPDX-License-Identifier: Apache-2.0
// Tasks from a stream of lines to results, several at a time.
#pragma once

#include <functional>
#include <istream>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "chip/task_run.hpp"
#include "core/error.hpp"

namespace hls::chip {

// Tasks are dealt out by their identity, not their line: a sorted file gives the same shards.
struct Shard {
    int index = 0, count = 1;

    bool holds(std::string_view task_id) const;
};
Shard parse_shard(std::string_view text);  // "0/4"; throws Error{usage}

struct RunOrder {
    RunSettings settings;
    std::string class_map_csv;
    Shard shard;
    int jobs = 1;
    bool check_digest = true;  // that the parcels are those of the plan
    bool strict = false;       // stop at the first line that is no task
};

struct RunReport {
    std::map<TaskStatus, std::int64_t> tasks;
    std::int64_t bad_lines = 0;
    std::map<std::string, std::int64_t> errors;  // by code

    // What the run as a whole came to; nullopt if nothing failed. Failures that all come from
    // credentials or from a service have its exit code, else it is that of tasks to be tried again,
    // or plain failure.
    std::optional<Error> outcome() const;
};

// `emit` gets one result per task as a line, from one thread at a time, in the order they end. The
// first line may be the plan's summary, which the output folder then keeps. Throws Error for what
// concerns all tasks: a folder of another plan, a disk that is full.
RunReport run_tasks(std::istream& lines, const RunOrder& order,
                    const std::function<void(const std::string&)>& emit);

}  // namespace hls::chip
