// SPDX-License-Identifier: Apache-2.0
#include "chip/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "chip/plan_file.hpp"
#include "chip/task.hpp"
#include "core/error.hpp"
#include "core/parse.hpp"
#include "core/time.hpp"

namespace hls::chip {
namespace {

namespace stdfs = std::filesystem;

// The last line of a worker's output, or a chip of a part file.
bool is_no_result(std::string_view line) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    return json.is_object() &&
           ((json.contains("run_id") && json.contains("tool")) || json.contains("chip"));
}

int rank(TaskStatus status) {
    return static_cast<int>(status);
}

bool is_finished(const TaskResult& result) {
    return result.status == TaskStatus::ok || result.status == TaskStatus::empty;
}

double seconds_of(const std::string& utc) {
    return std::chrono::duration<double>(parse_utc(utc).time_since_epoch()).count();
}

}  // namespace

void ProgressFold::add(std::string_view line) {
    if (trim(line).empty() || is_no_result(line)) return;
    try {
        TaskResult result = parse_task_result(line);
        if (plan_id_.empty()) plan_id_ = result.plan_id;
        if (result.plan_id != plan_id_) {
            ++foreign_;
            return;
        }
        const auto [entry, fresh] = best_.try_emplace(result.task_id, result);
        const auto better = [](const TaskResult& a, const TaskResult& b) {
            return std::pair(-rank(a.status), a.attempt) > std::pair(-rank(b.status), b.attempt);
        };
        if (!fresh && better(result, entry->second)) entry->second = std::move(result);
    } catch (const Error&) {
        ++unreadable_;
    }
}

Progress ProgressFold::progress() const {
    Progress all;
    all.foreign = foreign_;
    all.unreadable = unreadable_;
    std::optional<double> first, last;
    for (const auto& [id, result] : best_) {
        ++all.tasks[std::string(task_status_name(result.status))];
        all.finished += is_finished(result) ? 1 : 0;
        for (const auto& [klass, count] : result.chips_per_class) all.chips[klass] += count;
        for (const auto& [reason, count] : result.rejected) all.rejected[reason] += count;
        all.seconds += result.seconds;
        if (result.started.empty()) continue;
        const double start = seconds_of(result.started);
        first = std::min(first.value_or(start), start);
        last = std::max(last.value_or(start), start + result.seconds);
    }
    if (first) all.elapsed_s = *last - *first;
    return all;
}

std::set<std::string> ProgressFold::finished() const {
    std::set<std::string> tasks;
    for (const auto& [id, result] : best_)
        if (is_finished(result)) tasks.insert(id);
    return tasks;
}

std::map<std::string, int> ProgressFold::attempts() const {
    std::map<std::string, int> attempts;
    for (const auto& [id, result] : best_)
        if (!is_finished(result)) attempts[id] = result.attempt;
    return attempts;
}

ResultFiles::ResultFiles(std::vector<std::string> names) : names_(std::move(names)) {
    for (const std::string& name : names_)
        if (name != "-" && !stdfs::exists(name))
            throw Error(Exit::missing_input, fmt::format("cannot read {}", name));
}

void ResultFiles::read_new(const std::function<void(std::string_view)>& line) {
    for (const std::string& name : names_) {
        if (name == "-") {
            for (std::string text; std::getline(std::cin, text);) line(text);
            continue;
        }
        if (!stdfs::is_directory(name)) {
            read_file(name, false, line);
            continue;
        }
        // Files of folders appear whole and do not change.
        std::vector<std::string> files;
        for (const auto& entry : stdfs::directory_iterator(name)) {
            const auto extension = entry.path().extension();
            if ((extension == ".json" || extension == ".jsonl") &&
                !offsets_.contains(entry.path().string()))
                files.push_back(entry.path().string());
        }
        std::ranges::sort(files);
        for (const std::string& file : files) read_file(file, true, line);
    }
}

void ResultFiles::read_file(const std::string& name, bool whole,
                            const std::function<void(std::string_view)>& line) {
    std::ifstream file(name);
    if (!file) throw Error(Exit::missing_input, fmt::format("cannot read {}", name));
    std::int64_t& offset = offsets_[name];
    file.seekg(offset);
    for (std::string text; std::getline(file, text);) {
        // A line without end is still being written, unless it is the last one for good.
        if (file.eof() && !whole && nlohmann::json::parse(text, nullptr, false).is_discarded())
            return;
        offset += static_cast<std::int64_t>(text.size()) + (file.eof() ? 0 : 1);
        line(text);
    }
}

std::set<std::string> finished_tasks(const std::string& results) {
    ProgressFold fold("");
    ResultFiles({results}).read_new([&](std::string_view line) { fold.add(line); });
    return fold.finished();
}

PlanGoal read_plan_goal(const std::string& file) {
    std::ifstream lines(file);
    if (!lines) throw Error(Exit::missing_input, fmt::format("cannot read {}", file));
    std::string first, second;
    std::getline(lines, first);
    std::getline(lines, second);
    PlanGoal goal;
    goal.plan_id = plan_id_of(first, file);
    if (!is_plan_summary(first)) return goal;
    goal.tasks = nlohmann::json::parse(first).value("tasks", std::int64_t{0});
    if (!second.empty()) goal.targets = parse_task(second).target_samples;
    return goal;
}

}  // namespace hls::chip
