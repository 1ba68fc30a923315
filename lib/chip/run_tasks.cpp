// SPDX-License-Identifier: Apache-2.0
#include "chip/run_tasks.hpp"

#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "chip/data_set.hpp"
#include "chip/draw.hpp"
#include "chip/plan.hpp"
#include "chip/plan_file.hpp"
#include "core/cancel.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/parallel.hpp"
#include "core/parse.hpp"

namespace hls::chip {
namespace {

constexpr std::chrono::seconds kFirstPause{1};

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

TaskResult failure(const Task& task, const std::string& code, const Error& error,
                   const std::string& where) {
    TaskResult result;
    result.plan_id = task.plan_id;
    result.task_id = task.task_id;
    result.attempt = task.attempt;
    result.status = TaskStatus::failed;
    result.error = TaskError{code, error.message, where, false};
    return result;
}

bool is_fatal(const TaskResult& result) {
    return result.error &&
           (result.error->code == "E_DISK" || result.error->code == "E_CANNOT_CREATE");
}

Shard make_shard(std::optional<std::int64_t> index, std::optional<std::int64_t> count,
                 std::string_view text) {
    if (!index || !count || *count < 1 || *count > 1'000'000 || *index < 0 || *index >= *count)
        throw Error(Exit::usage, fmt::format("'{}' is no shard", text),
                    "write <index>/<count>, the index from 0");
    return {static_cast<int>(*index), static_cast<int>(*count)};
}

std::optional<std::int64_t> number_in_environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::nullopt : to_int(value);
}

// Slurm's arrays may start anywhere; steps other than 1 leave shards out and are refused.
Shard shard_of_array() {
    if (const auto index = number_in_environment("AWS_BATCH_JOB_ARRAY_INDEX"))
        return make_shard(index, number_in_environment("AWS_BATCH_JOB_ARRAY_SIZE"),
                          "AWS_BATCH_JOB_ARRAY_INDEX/SIZE");
    if (const auto index = number_in_environment("SLURM_ARRAY_TASK_ID"))
        return make_shard(*index - number_in_environment("SLURM_ARRAY_TASK_MIN").value_or(0),
                          number_in_environment("SLURM_ARRAY_TASK_COUNT"),
                          "SLURM_ARRAY_TASK_ID/COUNT");
    throw Error(Exit::usage, "this is no child of a job array",
                "AWS_BATCH_JOB_ARRAY_INDEX and SLURM_ARRAY_TASK_ID are not set");
}

// Buffers of chips, compressors and files come and go with every chip: what is freed stays with the
// process, which else gets it back from the system page by page, zeroed.
void keep_freed_memory() {
#ifdef M_TRIM_THRESHOLD
    ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
    ::mallopt(M_TRIM_THRESHOLD, 16 << 20);
#endif
}

class TaskRunner {
 public:
    TaskRunner(TaskSource& source, const RunOrder& order,
               const std::function<void(const std::string&)>& emit)
        : source_(source), order_(order), emit_(emit) {}

    RunReport run() {
        // The first line before all others: it may be the plan's.
        if (!source_.shared())
            if (const auto first = source_.next()) work_off(*first);
        working_ = order_.jobs;
        const auto count = static_cast<std::size_t>(order_.jobs) + 1;
        parallel_for(count, order_.jobs + 1, [&](std::size_t i) { i == 0 ? tend() : work(); });
        // Of a share without tasks; the folder is the plan's all the same.
        if (!plan_line_.empty())
            adopt_plan(order_.settings.output, plan_line_, order_.class_map_csv);
        merge_manifest(order_.settings.output);
        report_.bad_lines = bad_lines_;
        return report_;
    }

 private:
    void tend() {
        try {
            source_.tend([this] { return working_ > 0; }, [this] { list_new_chips(); });
        } catch (...) {
            source_.stop();
            throw;
        }
    }

    void work() {
        try {
            while (const auto line = source_.next()) work_off(*line);
        } catch (...) {
            source_.stop();
            --working_;
            throw;
        }
        --working_;
    }

    void work_off(const TaskLine& line) {
        if (line.may_be_plan && is_plan_summary(line.text)) return take_plan(line);
        Task task;
        try {
            task = parse_task(line.text);
        } catch (const Error& error) {
            if (order_.strict)
                throw Error(error.code, fmt::format("{}: {}", line.where, error.message));
            ++bad_lines_;
            const std::string code = line.ended ? "E_TASK" : "E_TRUNCATED";
            return say(line, failure(task, code, error, line.where));
        }
        if (!order_.shard.holds(task.task_id) || order_.finished.contains(task.task_id))
            return source_.answer(line, {});
        if (const auto unfit = unfit_for_folder(task)) return finish(line, task, *unfit);
        finish(line, task, run_patiently(task));
    }

    // Of a stream the summary is kept once a task has shown that it fits; from a source that others
    // use as well it may come at any time, and may be of a plan that others work on.
    void take_plan(const TaskLine& line) {
        if (!source_.shared()) {
            plan_line_ = line.text;
            return;
        }
        try {
            adopt_plan(order_.settings.output, line.text, order_.class_map_csv);
        } catch (const Error& error) {
            if (error.code != Exit::bad_input) throw;
            log_warning("{}: {}", line.where, error.message);
        }
        source_.answer(line, {});
    }

    std::optional<TaskResult> unfit_for_folder(const Task& task) {
        try {
            if (order_.check_digest) check_digest_(task, order_.settings.parcels);
        } catch (const Error& error) {
            if (!source_.shared()) throw;
            return failure(task, "E_GPKG", error, task.task_id);
        }
        try {
            const std::lock_guard lock(plan_mutex_);
            if (!plan_line_.empty())
                adopt_plan(order_.settings.output, std::exchange(plan_line_, {}),
                           order_.class_map_csv);
            check_plan(order_.settings.output, task.plan_id);
        } catch (const Error& error) {
            if (!source_.shared() || error.code != Exit::bad_input) throw;
            return failure(task, "E_PLAN", error, task.task_id);
        }
        return std::nullopt;
    }

    // What fails for a reason that may pass is tried again here before anybody hears of it.
    TaskResult run_patiently(const Task& task) {
        for (int attempt = 1;; ++attempt) {
            TaskResult result = run_task(task, order_.settings);
            if (result.status != TaskStatus::retry || attempt >= order_.tries) return result;
            const auto wake = std::chrono::steady_clock::now() + kFirstPause * (1 << (attempt - 1));
            while (std::chrono::steady_clock::now() < wake) {
                throw_if_cancelled();
                std::this_thread::sleep_for(std::chrono::milliseconds(100));
            }
        }
    }

    void finish(const TaskLine& line, const Task& task, TaskResult result) {
        // Others may have a disk that is not full: the task stays theirs.
        if (is_fatal(result)) {
            if (!source_.shared()) say(line, result);
            throw Error(result.error->code == "E_DISK" ? Exit::io_error : Exit::cannot_create,
                        result.error->message);
        }
        std::string next_attempt;
        if (result.status == TaskStatus::retry && task.attempt < kMaxAttempts) {
            Task again = task;
            ++again.attempt;
            next_attempt = format_task(again);
        } else if (result.status == TaskStatus::retry && source_.shared()) {
            result.status = TaskStatus::failed;
        }
        say(line, result, next_attempt);
        if (result.chips_saved > result.chips_skipped_existing) ++unlisted_;
    }

    void say(const TaskLine& line, const TaskResult& result, const std::string& next = {}) {
        const std::string text = format_task_result(result, false);
        source_.answer(line, {result.task_id, text, next});
        const std::lock_guard lock(say_mutex_);
        ++report_.tasks[result.status];
        if (result.error) ++report_.errors[result.error->code];
        emit_(text);
    }

    // A worker that waits for tasks has no end at which to write the manifest.
    void list_new_chips() {
        if (unlisted_.exchange(0) > 0) merge_manifest(order_.settings.output);
    }

    TaskSource& source_;
    const RunOrder& order_;
    const std::function<void(const std::string&)>& emit_;
    DigestCheck check_digest_;
    std::string plan_line_;
    RunReport report_;
    std::atomic<int> working_{0};
    std::atomic<int> unlisted_{0}, bad_lines_{0};
    std::mutex plan_mutex_, say_mutex_;
};

}  // namespace

bool Shard::holds(std::string_view task_id) const {
    return static_cast<int>(draw(0, task_id) * count) == index;
}

Shard parse_shard(std::string_view text) {
    if (text == "array") return shard_of_array();
    const auto parts = split(text, '/');
    return make_shard(to_int(parts[0]), parts.size() == 2 ? to_int(parts[1]) : std::nullopt, text);
}

std::string worker_name() {
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    return fmt::format("{}:{}", host.data(), ::getpid());
}

std::optional<Error> RunReport::outcome() const {
    if (tasks.contains(TaskStatus::retry))
        return Error{Exit::temporary, "some tasks are to be tried again"};
    if (errors.empty() && !tasks.contains(TaskStatus::partial)) return std::nullopt;
    for (const Exit code : {Exit::permission, Exit::unavailable, Exit::usage})
        if (errors.size() == 1 && errors.begin()->first == error_code(code))
            return Error{code, "tasks failed", "their results say why"};
    return Error{Exit::failure, "some tasks failed", "their results say why"};
}

RunReport run_tasks(TaskSource& source, const RunOrder& order,
                    const std::function<void(const std::string&)>& emit) {
    keep_freed_memory();
    RunOrder shared = order;  // stacks at a time share what one would have
    shared.settings.stack_bytes = kKeptBandBytes / static_cast<std::size_t>(order.jobs);
    return TaskRunner(source, shared, emit).run();
}

}  // namespace hls::chip
