// SPDX-License-Identifier: Apache-2.0
// Where hls-chip's tasks come from: a file, a shared folder, Kafka, or one child of an array.
#include <iostream>

#include "chip/folder_queue.hpp"
#include "core/error.hpp"
#include "fs/read_text.hpp"
#include "hls-chip.hpp"

using namespace hls;

namespace {

constexpr std::size_t kMaxPlanBytes = std::size_t{4} << 30;

std::unique_ptr<chip::TaskSource> open_queue(const TaskSourceOptions& options,
                                             const std::string& worker) {
    if (options.tasks != "-")
        chip::fill_folder_queue(options.queue, fs::read_text(options.tasks, kMaxPlanBytes));
    return chip::make_folder_queue(
        {options.queue, worker, std::chrono::seconds(options.lease_seconds)});
}

}  // namespace

void add_kafka_options(CLI::App& app, chip::KafkaSettings& settings) {
    const std::string group = "Kafka";
    app.add_option("--kafka", settings.brokers, "Brokers: host:port,...")->group(group);
    app.add_option("--tasks-topic", settings.tasks_topic, "Topic of tasks")
        ->capture_default_str()
        ->group(group);
    app.add_option("--results-topic", settings.results_topic, "Topic of results")
        ->capture_default_str()
        ->group(group);
    app.add_option("--group", settings.group, "Consumer group of the workers")
        ->capture_default_str()
        ->group(group);
    app.add_option("-X,--kafka-property", settings.properties,
                   "Property of librdkafka: session.timeout.ms=20000")
        ->group(group);
    app.add_option("--kafka-config", settings.properties_file,
                   "File of such properties, a line each, secrets too")
        ->group(group);
}

void add_task_source_options(CLI::App& app, TaskSourceOptions& options) {
    app.add_option("TASK", options.task, "One task, as from --inputs-from and --index");
    app.add_option("--tasks", options.tasks, "File of tasks; - reads stdin")->capture_default_str();
    app.add_option("--queue", options.queue,
                   "Folder that workers share; tasks of --tasks are added first");
    app.add_option("--lease", options.lease_seconds,
                   "Seconds after which a silent worker's claim in the queue lapses")
        ->check(CLI::Range(2, 86400))
        ->capture_default_str();
    app.add_option("--shard", options.shard,
                   "Only tasks of this share, as in 0/4; array: of Batch or Slurm")
        ->capture_default_str();
    app.add_option("--missing", options.results,
                   "Leave out tasks that have a finished result in this file or folder");
    add_kafka_options(app, options.kafka);
    app.add_option("--retry-topic", options.kafka_work.retry_topic,
                   "Where a task goes that may do better later")
        ->group("Kafka");
    app.add_option("--idle-exit", options.idle_exit_seconds,
                   "Leave after so many seconds without a task; 0: never")
        ->check(CLI::Range(0, 86400))
        ->capture_default_str()
        ->group("Kafka");
}

void check_task_source(const TaskSourceOptions& options) {
    const bool kafka = !options.kafka.brokers.empty(), queue = !options.queue.empty();
    const int sources =
        int{kafka} + int{queue || options.tasks != "-"} + int{!options.task.empty()};
    if (sources > 1)
        throw Error{Exit::usage,
                    "tasks come from one of --tasks, --queue, --kafka and --inputs-from"};
    if ((kafka || queue) && options.shard != "0/1")
        throw Error{Exit::usage, "--shard goes with --tasks",
                    "a queue deals tasks out by itself, and so does Kafka"};
}

std::unique_ptr<chip::TaskSource> open_task_source(const TaskSourceOptions& options,
                                                   const std::string& worker) {
    if (!options.kafka.brokers.empty()) {
        chip::KafkaWork work = options.kafka_work;
        work.idle_exit = std::chrono::seconds(options.idle_exit_seconds);
        return chip::make_kafka_source(options.kafka, work);
    }
    if (!options.queue.empty()) return open_queue(options, worker);
    if (!options.task.empty()) return chip::make_text_source(options.task + "\n");
    if (options.tasks == "-") return chip::make_stream_source(std::cin);
    return chip::make_file_source(options.tasks);
}

std::string task_source_name(const TaskSourceOptions& options) {
    if (!options.kafka.brokers.empty()) return options.kafka.tasks_topic;
    if (!options.task.empty()) return "TASK";
    return options.queue.empty() ? options.tasks : options.queue;
}
