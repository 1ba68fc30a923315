// SPDX-License-Identifier: Apache-2.0
// How far a plan is, measured by its goal, for people and for programs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "chip/progress.hpp"

namespace hls::chip {

// `plan` is the file or the id of a plan, or empty; targets ("3=5000") replace those of the file.
// Throws Error{usage} for words that are no targets, and what read_plan_goal() throws.
PlanGoal make_goal(const std::string& plan, const std::vector<std::string>& targets);

bool targets_reached(const PlanGoal& goal, const Progress& progress);
// Nobody will do more: every task is finished, or failed for good.
bool all_answered(const PlanGoal& goal, const Progress& progress);

struct ProgressRate {
    double chips_per_s = 0;
    std::optional<double> left_s;  // where it is known how many tasks there are
};
ProgressRate rate_of(const PlanGoal& goal, const Progress& progress);

std::string progress_json(const PlanGoal& goal, const Progress& progress);  // one line
std::vector<std::string> progress_lines(const PlanGoal& goal, const Progress& progress);

}  // namespace hls::chip
