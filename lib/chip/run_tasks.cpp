// SPDX-License-Identifier: Apache-2.0
#include "chip/run_tasks.hpp"

#include <fmt/format.h>

#include <optional>
#include <set>
#include <utility>

#include "chip/data_set.hpp"
#include "chip/draw.hpp"
#include "chip/plan.hpp"
#include "chip/plan_file.hpp"
#include "core/error.hpp"
#include "core/parallel.hpp"
#include "core/parse.hpp"

namespace hls::chip {
namespace {

// Compares the parcels with those of the plan, once per layer.
class DigestCheck {
 public:
    void operator()(const Task& task, const std::string& path) {
        const std::string file = path.empty() ? task.parcels.path : path;
        const std::lock_guard lock(mutex_);
        std::string& digest = digests_[{file, task.parcels.layer, task.parcels.where}];
        if (digest.empty()) digest = digest_of_layer(task, file);
        if (digest != task.parcels.digest)
            throw Error(Exit::bad_input, fmt::format("{} changed after the plan was made", file),
                        "plan again, or bring the old file back");
    }

 private:
    static std::string digest_of_layer(const Task& task, const std::string& file) {
        const ParcelSource& from = task.parcels;
        io::PolygonLayer layer({file,
                                from.layer,
                                from.where,
                                {from.id_column, from.code_column, from.name_column},
                                from.assume_crs});
        LayerDigest digest;
        for (io::PolygonFeature feature; layer.next(feature);) digest.add(feature);
        return "sha256:" + digest.hex();
    }

    std::mutex mutex_;
    std::map<std::tuple<std::string, std::string, std::string>, std::string> digests_;
};

struct TaskLine {
    int number = 0;
    std::string text;
    bool ended = true;  // by a line end
};

class TaskLines {
 public:
    explicit TaskLines(std::istream& in) : in_(in) {}

    std::optional<TaskLine> next() {
        const std::lock_guard lock(mutex_);
        for (TaskLine line; std::getline(in_, line.text);) {
            line.number = ++number_;
            line.ended = !in_.eof();
            if (!trim(line.text).empty()) return line;
        }
        return std::nullopt;
    }

 private:
    std::mutex mutex_;
    std::istream& in_;
    int number_ = 0;
};

TaskResult bad_line(const TaskLine& line, const Error& error) {
    TaskResult result;
    result.status = TaskStatus::failed;
    result.error = TaskError{line.ended ? "E_TASK" : "E_TRUNCATED", error.message,
                             fmt::format("line {}", line.number), false};
    return result;
}

// The plan's summary, kept in the output once the first task has shown that it fits.
struct PlanLine {
    std::string text;
    std::mutex mutex;
    bool adopted = false;

    void adopt(const RunOrder& order) {
        const std::lock_guard lock(mutex);
        if (!adopted && !text.empty()) adopt_plan(order.settings.output, text, order.class_map_csv);
        adopted = true;
    }
};

bool is_fatal(const TaskResult& result) {
    return result.error &&
           (result.error->code == "E_DISK" || result.error->code == "E_CANNOT_CREATE");
}

}  // namespace

bool Shard::holds(std::string_view task_id) const {
    return static_cast<int>(draw(0, task_id) * count) == index;
}

Shard parse_shard(std::string_view text) {
    const auto parts = split(text, '/');
    const auto index = to_int(parts[0]);
    const auto count = parts.size() == 2 ? to_int(parts[1]) : std::nullopt;
    if (!index || !count || *count < 1 || *count > 1'000'000 || *index < 0 || *index >= *count)
        throw Error(Exit::usage, fmt::format("'{}' is no shard", text),
                    "write <index>/<count>, the index from 0");
    return {static_cast<int>(*index), static_cast<int>(*count)};
}

std::optional<Error> RunReport::outcome() const {
    if (tasks.contains(TaskStatus::retry))
        return Error{Exit::temporary, "some tasks are to be tried again"};
    if (errors.empty() && !tasks.contains(TaskStatus::partial)) return std::nullopt;
    for (const Exit code : {Exit::permission, Exit::unavailable})
        if (errors.size() == 1 && errors.begin()->first == error_code(code))
            return Error{code, "tasks failed", "their results say why"};
    return Error{Exit::failure, "some tasks failed", "their results say why"};
}

RunReport run_tasks(std::istream& in, const RunOrder& order,
                    const std::function<void(const std::string&)>& emit) {
    TaskLines lines(in);
    DigestCheck check;
    PlanLine plan;
    RunReport report;
    std::mutex mutex;
    const auto say = [&](const TaskResult& result) {
        const std::lock_guard lock(mutex);
        ++report.tasks[result.status];
        if (result.error) ++report.errors[result.error->code];
        emit(format_task_result(result, false));
    };
    const auto work = [&](const TaskLine& line) {
        if (line.number == 1 && is_plan_summary(line.text)) {
            plan.text = line.text;
            return;
        }
        Task task;
        try {
            task = parse_task(line.text);
        } catch (const Error& error) {
            if (order.strict)
                throw Error(error.code, fmt::format("line {}: {}", line.number, error.message));
            say(bad_line(line, error));
            const std::lock_guard lock(mutex);
            ++report.bad_lines;
            return;
        }
        if (!order.shard.holds(task.task_id)) return;
        if (order.check_digest) check(task, order.settings.parcels);
        plan.adopt(order);
        const TaskResult result = run_task(task, order.settings);
        say(result);
        if (is_fatal(result))
            throw Error(result.error->code == "E_DISK" ? Exit::io_error : Exit::cannot_create,
                        result.error->message);
    };
    // The first line before all others: it may be the plan's.
    if (auto first = lines.next()) work(*first);
    const auto count = static_cast<std::size_t>(order.jobs);
    parallel_for(count, order.jobs, [&](std::size_t) {
        while (auto line = lines.next()) work(*line);
    });
    merge_manifest(order.settings.output);
    return report;
}

}  // namespace hls::chip
