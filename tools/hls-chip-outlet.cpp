// SPDX-License-Identifier: Apache-2.0
// Where plans go besides files: a folder that workers share, Kafka; and what of a plan is left.
#include <fmt/format.h>

#include "chip/folder_queue.hpp"
#include "chip/plan_file.hpp"
#include "chip/progress.hpp"
#include "core/error.hpp"
#include "core/escape.hpp"
#include "hls-chip.hpp"

using namespace hls;

void add_plan_outlet(CLI::App& app, PlanOutlet& outlet) {
    app.add_option("--missing", outlet.results,
                   "Leave out tasks that have a finished result in this file or folder");
    app.add_option("--queue", outlet.queue, "Folder that workers share, to add the tasks to");
    add_kafka_options(app, outlet.kafka);
    app.add_option("--key", outlet.key, "What tasks are spread by over partitions")
        ->check(CLI::IsMember({"task", "tile"}))
        ->capture_default_str()
        ->group("Kafka");
}

void keep_unfinished(const std::string& results, std::vector<std::string>& lines) {
    chip::ProgressFold fold(chip::plan_id_of(lines.front(), "the plan"));
    chip::ResultFiles({results}).read_new([&](std::string_view line) { fold.add(line); });
    const auto finished = fold.finished();
    const auto attempts = fold.attempts();
    std::vector<std::string> left{lines.front()};
    for (std::size_t i = 1; i < lines.size(); ++i) {
        chip::Task task = chip::parse_task(lines[i]);
        if (finished.contains(task.task_id)) continue;
        if (const auto attempt = attempts.find(task.task_id); attempt != attempts.end())
            task.attempt = attempt->second + 1;
        left.push_back(chip::format_task(task));
    }
    lines = std::move(left);
}

bool send_plan(const PlanOutlet& outlet, const std::vector<std::string>& lines,
               cli::Context& context) {
    if (!outlet.queue.empty()) {
        std::string text;
        for (const std::string& line : lines) text += line + "\n";
        context.print(fmt::format(R"({{"queue":"{}","added":{}}})", json_escape(outlet.queue),
                                  chip::fill_folder_queue(outlet.queue, text)));
        return true;
    }
    if (outlet.kafka.brokers.empty()) return false;
    context.print(fmt::format(R"({{"topic":"{}","published":{}}})",
                              json_escape(outlet.kafka.tasks_topic),
                              publish_plan(outlet.kafka, lines, outlet.key)));
    return true;
}
