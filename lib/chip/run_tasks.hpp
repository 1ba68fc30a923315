// SPDX-License-Identifier: Apache-2.0
// Tasks of a source to results, several at a time.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "chip/task_run.hpp"
#include "chip/task_source.hpp"
#include "core/error.hpp"

namespace hls::chip {

// Tasks are dealt out by their identity, not their line: a sorted file gives the same shards.
struct Shard {
    int index = 0, count = 1;

    bool holds(std::string_view task_id) const;
};
// "0/4", or "array": what AWS Batch or Slurm say of an array's child in the environment. Throws
// Error{usage}.
Shard parse_shard(std::string_view text);

// "host:3121": who results come from.
std::string worker_name();

struct RunOrder {
    RunSettings settings;
    std::string class_map_csv;
    Shard shard;
    std::set<std::string> finished;  // tasks that are left out
    int jobs = 1;
    int tries = 3;             // of a task that fails for what may pass
    bool check_digest = true;  // that the parcels are those of the plan
    bool strict = false;       // stop at the first line that is no task
};

// Attempts of a task, over all workers, after which what may pass counts as lasting.
inline constexpr int kMaxAttempts = 3;

struct RunReport {
    std::map<TaskStatus, std::int64_t> tasks;
    std::int64_t bad_lines = 0;
    std::map<std::string, std::int64_t> errors;  // by code

    // What the run as a whole came to; nullopt if nothing failed. Failures that all come from
    // credentials or from a service have its exit code, else it is that of tasks to be tried again,
    // or plain failure.
    std::optional<Error> outcome() const;
};

// `emit` gets one result per task as a line, from one thread at a time, in the order they end. A
// plan's summary among the lines is kept in the output folder. Throws Error for what concerns all
// tasks: a folder of another plan, a disk that is full.
RunReport run_tasks(TaskSource& source, const RunOrder& order,
                    const std::function<void(const std::string&)>& emit);

}  // namespace hls::chip
