// SPDX-License-Identifier: Apache-2.0
// The commands of hls-chip, a file each.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "chip/class_map.hpp"
#include "chip/imagery_table.hpp"
#include "chip/kafka.hpp"
#include "chip/plan_words.hpp"
#include "cli/program.hpp"
#include "io/polygon_layer.hpp"

// Which parcels, for every command that opens them.
struct ParcelOptions {
    hls::io::PolygonLayerOptions layer;
    std::string class_map;  // file, "eurocrops8" or "eurocrops8-lenient"
    bool climb = false;
};
void add_parcel_options(hls::cli::Program& program, CLI::App& app, ParcelOptions& options);

struct NamedClassMap {
    hls::chip::ClassMap map;
    std::string csv;
};
NamedClassMap load_class_map(const std::string& name);
hls::chip::ImageryTable load_imagery_table(const std::string& file);

void add_kafka_options(CLI::App& app, hls::chip::KafkaSettings& settings);

// Which parcels of a plan get a chip, and which imagery.
void add_plan_selection(CLI::App& app, hls::chip::PlanRequest& request,
                        hls::chip::PlanWords& words);
void add_plan_imagery(CLI::App& app, hls::chip::PlanRequest& request, hls::chip::PlanWords& words);

// Where a plan goes other than to a file or standard output.
struct PlanOutlet {
    std::string queue, key = "task", results;
    hls::chip::KafkaSettings kafka;
};
void add_plan_outlet(CLI::App& app, PlanOutlet& outlet);
// Leaves out tasks that `results`, a file or folder, show as finished, and counts the attempts of
// the others.
void keep_unfinished(const std::string& results, std::vector<std::string>& lines);
// Fills the queue, or publishes; false if neither is asked for.
bool send_plan(const PlanOutlet& outlet, const std::vector<std::string>& lines,
               hls::cli::Context& context);

// Sends summary and tasks of a plan; `key` is "task" or "tile". Returns how many messages.
std::int64_t publish_plan(const hls::chip::KafkaSettings& settings,
                          const std::vector<std::string>& lines, const std::string& key);

struct TaskSourceOptions {
    std::string task, tasks = "-", queue, shard = "0/1", results;
    int lease_seconds = 60, idle_exit_seconds = 0;
    hls::chip::KafkaSettings kafka;
    hls::chip::KafkaWork kafka_work;
};
void add_task_source_options(CLI::App& app, TaskSourceOptions& options);
// Throws Error{usage} for what does not go together.
void check_task_source(const TaskSourceOptions& options);
std::unique_ptr<hls::chip::TaskSource> open_task_source(const TaskSourceOptions& options,
                                                        const std::string& worker);
// For records and dry runs.
std::string task_source_name(const TaskSourceOptions& options);

void declare_classes(hls::cli::Program& program);
void declare_inspect(hls::cli::Program& program);
void declare_pack(hls::cli::Program& program);
void declare_plan(hls::cli::Program& program);
void declare_report(hls::cli::Program& program);
void declare_run(hls::cli::Program& program);
void declare_status(hls::cli::Program& program);
void declare_topics(hls::cli::Program& program);
void declare_verify(hls::cli::Program& program);
