// SPDX-License-Identifier: Apache-2.0
// How far a plan is, from the results of its tasks, wherever they are kept.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "chip/manifest.hpp"

namespace hls::chip {

struct Progress {
    std::map<std::string, std::int64_t> tasks;  // by status
    std::map<int, std::int64_t> chips;          // by class
    std::map<std::string, std::int64_t> rejected;
    std::int64_t finished = 0;  // tasks that need no repetition
    std::int64_t foreign = 0, unreadable = 0;
    double seconds = 0;  // of all tasks together
    // From the first start to the last end, where results say when.
    std::optional<double> elapsed_s;
};

// Results folded by (plan, task): the best status wins, the newest attempt on a tie. A task that
// several workers did counts once.
class ProgressFold {
 public:
    // Results of other plans are only counted; empty: the plan of the first result.
    explicit ProgressFold(std::string plan_id) : plan_id_(std::move(plan_id)) {}

    // One line; the record of a worker's run and the chips of a part file are passed over.
    void add(std::string_view line);
    Progress progress() const;
    // Tasks that are done or have nothing to show, of the plan.
    std::set<std::string> finished() const;
    // Attempts of tasks that are not finished.
    std::map<std::string, int> attempts() const;

 private:
    std::string plan_id_;
    std::map<std::string, TaskResult> best_;
    std::int64_t foreign_ = 0, unreadable_ = 0;
};

// Lines of result files, - for standard input, and of the files (.json, .jsonl) of folders: a
// queue's done/, a data set's parts/.
class ResultFiles {
 public:
    // Throws Error{missing_input} for what is not there.
    explicit ResultFiles(std::vector<std::string> names);
    // What came since the last call, by whole lines.
    void read_new(const std::function<void(std::string_view)>& line);

 private:
    void read_file(const std::string& name, bool last,
                   const std::function<void(std::string_view)>& line);

    std::vector<std::string> names_;
    std::map<std::string, std::int64_t> offsets_;
};

// Tasks of whatever plan that have a result that needs no repetition, in a file or folder of
// results. Throws what ResultFiles throws.
std::set<std::string> finished_tasks(const std::string& results);

// What a plan file says of the whole: its summary and the targets of its tasks.
struct PlanGoal {
    std::string plan_id;
    std::optional<std::int64_t> tasks;
    std::map<int, std::int64_t> targets;
};
// Throws Error{missing_input, bad_input}.
PlanGoal read_plan_goal(const std::string& file);

}  // namespace hls::chip
