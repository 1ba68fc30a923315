// SPDX-License-Identifier: Apache-2.0
#include "chip/progress_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/error.hpp"
#include "core/escape.hpp"
#include "core/parse.hpp"

namespace hls::chip {
namespace {

std::string or_null(const std::optional<double>& value) {
    return value ? fmt::format("{:.1f}", *value) : "null";
}

std::int64_t target_of(const PlanGoal& goal, int klass) {
    const auto found = goal.targets.find(klass);
    return found == goal.targets.end() ? 0 : found->second;
}

}  // namespace

PlanGoal make_goal(const std::string& plan, const std::vector<std::string>& targets) {
    PlanGoal goal;
    if (std::filesystem::is_regular_file(plan))
        goal = read_plan_goal(plan);
    else
        goal.plan_id = plan;
    if (!targets.empty()) goal.targets.clear();
    for (const std::string& word : targets) {
        const auto parts = split(word, '=');
        const auto klass = to_int(parts[0]);
        const auto count = parts.size() == 2 ? to_int(parts[1]) : std::nullopt;
        if (!klass || !count)
            throw Error{Exit::usage, fmt::format("'{}' is not <class>=<chips>", word)};
        goal.targets[static_cast<int>(*klass)] = *count;
    }
    return goal;
}

bool targets_reached(const PlanGoal& goal, const Progress& progress) {
    return std::ranges::all_of(goal.targets, [&](const auto& target) {
        const auto chips = progress.chips.find(target.first);
        return (chips == progress.chips.end() ? 0 : chips->second) >= target.second;
    });
}

bool all_answered(const PlanGoal& goal, const Progress& progress) {
    std::int64_t answered = 0;
    for (const auto& [status, count] : progress.tasks)
        if (status != task_status_name(TaskStatus::retry)) answered += count;
    return goal.tasks && answered >= *goal.tasks;
}

ProgressRate rate_of(const PlanGoal& goal, const Progress& progress) {
    ProgressRate rate;
    const double elapsed = progress.elapsed_s.value_or(0);
    if (elapsed <= 0) return rate;
    std::int64_t chips = 0;
    for (const auto& [klass, count] : progress.chips) chips += count;
    rate.chips_per_s = static_cast<double>(chips) / elapsed;
    if (goal.tasks && progress.finished > 0)
        rate.left_s = static_cast<double>(*goal.tasks - progress.finished) * elapsed /
                      static_cast<double>(progress.finished);
    return rate;
}

std::string progress_json(const PlanGoal& goal, const Progress& progress) {
    std::string tasks, classes;
    for (const auto& [name, count] : progress.tasks)
        tasks += fmt::format("{}\"{}\":{}", tasks.empty() ? "" : ",", name, count);
    for (const auto& [klass, count] : progress.chips)
        classes += fmt::format(R"({}"{}":{{"chips":{},"target":{}}})", classes.empty() ? "" : ",",
                               klass, count, target_of(goal, klass));
    const ProgressRate rate = rate_of(goal, progress);
    return fmt::format(
        R"({{"plan":"{}","tasks":{{{}}},"tasks_planned":{},"classes":{{{}}},"seconds":{:.1f},"elapsed_s":{},"chips_per_s":{:.2f},"left_s":{},"foreign":{},"unreadable":{}}})",
        json_escape(goal.plan_id), tasks, goal.tasks ? fmt::format("{}", *goal.tasks) : "null",
        classes, progress.seconds, or_null(progress.elapsed_s), rate.chips_per_s,
        or_null(rate.left_s), progress.foreign, progress.unreadable);
}

std::vector<std::string> progress_lines(const PlanGoal& goal, const Progress& progress) {
    std::vector<std::string> lines;
    for (const auto& [klass, count] : progress.chips) {
        const auto target = target_of(goal, klass);
        lines.push_back(fmt::format("class {:>3} {:>8}", klass, count) +
                        (target > 0 ? fmt::format(" of {}", target) : ""));
    }
    for (const auto& [name, count] : progress.tasks)
        lines.push_back(fmt::format("tasks {:>8} {:>8}", name, count));
    if (goal.tasks) lines.push_back(fmt::format("tasks {:>8} {:>8}", "planned", *goal.tasks));
    const ProgressRate rate = rate_of(goal, progress);
    if (rate.chips_per_s > 0)
        lines.push_back(
            fmt::format("rate {:>9.1f} chips/s{}", rate.chips_per_s,
                        rate.left_s ? fmt::format(", {:.0f} s left", *rate.left_s) : ""));
    if (progress.foreign + progress.unreadable > 0)
        lines.push_back(
            fmt::format("other plans {}, unreadable {}", progress.foreign, progress.unreadable));
    return lines;
}

}  // namespace hls::chip
