// SPDX-License-Identifier: Apache-2.0
// hls-chip topics: what lies in Kafka, and how it gets there.
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <memory>

#include "chip/plan_file.hpp"
#include "core/error.hpp"
#include "core/escape.hpp"
#include "core/parse.hpp"
#include "hls-chip.hpp"

namespace {

using namespace hls;

struct TopicsOptions {
    chip::KafkaSettings kafka;
    bool all = false, create = false, remove = false;
    int partitions = 15, replicas = 1;
    std::string publish, key = "task";
};

void print_state(const chip::TopicState& state, const cli::Context& context) {
    std::int64_t messages = 0, lag = 0;
    std::string partitions;
    for (const auto& partition : state.partitions) {
        messages += partition.end - partition.first;
        const auto behind = partition.end - partition.committed.value_or(partition.first);
        lag += behind;
        partitions += fmt::format(
            R"({}{{"partition":{},"leader":{},"first":{},"end":{},"committed":{},"lag":{}}})",
            partitions.empty() ? "" : ",", partition.partition, partition.leader, partition.first,
            partition.end,
            partition.committed ? fmt::format("{}", *partition.committed) : std::string("null"),
            behind);
    }
    context.print(
        fmt::format(R"({{"topic":"{}","replicas":{},"messages":{},"lag":{},"partitions":[{}]}})",
                    json_escape(state.name), state.replicas, messages, lag, partitions));
}

void publish_file(const TopicsOptions& options, cli::Context& context) {
    std::ifstream file;
    if (options.publish != "-") {
        file.open(options.publish);
        if (!file) throw Error{Exit::missing_input, fmt::format("cannot read {}", options.publish)};
    }
    std::istream& in = options.publish == "-" ? std::cin : file;
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);)
        if (!trim(line).empty()) lines.push_back(line);
    context.print(fmt::format(R"({{"topic":"{}","published":{}}})",
                              json_escape(options.kafka.tasks_topic),
                              publish_plan(options.kafka, lines, options.key)));
}

void topics(const TopicsOptions& options, cli::Context& context) {
    const auto& kafka = options.kafka;
    if (kafka.brokers.empty()) throw Error{Exit::usage, "--kafka is required"};
    if (!options.publish.empty()) return publish_file(options, context);
    if (options.all) {
        for (const auto& name : chip::list_topics(kafka)) context.print(name);
        return;
    }
    for (const std::string& topic : {kafka.tasks_topic, kafka.results_topic}) {
        if (options.remove)
            chip::delete_topic(kafka, topic);
        else if (options.create)
            chip::create_topic(kafka, topic, options.partitions, options.replicas);
        if (!options.remove) print_state(chip::describe_topic(kafka, topic), context);
    }
}

}  // namespace

std::int64_t publish_plan(const chip::KafkaSettings& settings,
                          const std::vector<std::string>& lines, const std::string& key) {
    std::vector<chip::KafkaMessage> messages;
    for (const std::string& line : lines) {
        if (chip::is_plan_summary(line)) {
            messages.push_back({"plan", line});
            continue;
        }
        const chip::Task task = chip::parse_task(line);
        messages.push_back({key == "tile" ? task.cell.tile : task.task_id, line});
    }
    chip::publish(settings, settings.tasks_topic, messages);
    return static_cast<std::int64_t>(messages.size());
}

void declare_topics(cli::Program& program) {
    const auto options = std::make_shared<TopicsOptions>();
    CLI::App& app =
        program.add_command("topics", "Topics of tasks and results: state and lag, create, delete");
    add_kafka_options(app, options->kafka);
    auto* list = app.add_flag("--list", options->all, "Names of all topics of the brokers");
    auto* create = app.add_flag("--create", options->create, "Create both, if they are not there");
    auto* remove = app.add_flag("--delete", options->remove, "Delete both");
    auto* publish = app.add_option("--publish", options->publish,
                                   "Send the tasks of a plan's file; - reads stdin");
    create->excludes(list)->excludes(remove);
    remove->excludes(list);
    publish->excludes(list)->excludes(create)->excludes(remove);
    app.add_option("--partitions", options->partitions, "Of a new topic: the most workers at once")
        ->check(CLI::Range(1, 10000))
        ->capture_default_str();
    app.add_option("--replicas", options->replicas, "Of a new topic")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    app.add_option("--key", options->key, "What tasks are spread by")
        ->check(CLI::IsMember({"task", "tile"}))
        ->capture_default_str();
    program.on_run(app, [options](cli::Context& context) { topics(*options, context); });
}
