// SPDX-License-Identifier: Apache-2.0
// hls-chip status: how far a plan is, once or until it is far enough.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>

#include "chip/progress.hpp"
#include "core/cancel.hpp"
#include "core/error.hpp"
#include "core/parse.hpp"
#include "hls-chip.hpp"

namespace {

using namespace hls;
using Clock = std::chrono::steady_clock;

struct StatusOptions {
    std::vector<std::string> results, targets;
    std::string plan;
    chip::KafkaSettings kafka;
    bool json = false, follow = false, until_target = false;
    double interval_s = 5;
};

struct Goal {
    chip::PlanGoal plan;
    bool targets_reached(chip::Progress& progress) const {
        bool reached = true;
        for (const auto& [klass, target] : plan.targets) reached &= progress.chips[klass] >= target;
        return reached;
    }
    // Nobody will do more: every task is finished, or failed for good.
    bool all_answered(const chip::Progress& progress) const {
        std::int64_t answered = 0;
        for (const auto& [status, count] : progress.tasks)
            if (status != chip::task_status_name(chip::TaskStatus::retry)) answered += count;
        return plan.tasks && answered >= *plan.tasks;
    }
};

Goal goal_of(const StatusOptions& options) {
    Goal goal;
    if (std::filesystem::is_regular_file(options.plan))
        goal.plan = chip::read_plan_goal(options.plan);
    else
        goal.plan.plan_id = options.plan;
    if (!options.targets.empty()) goal.plan.targets.clear();
    for (const std::string& word : options.targets) {
        const auto parts = split(word, '=');
        const auto klass = to_int(parts[0]);
        const auto count = parts.size() == 2 ? to_int(parts[1]) : std::nullopt;
        if (!klass || !count)
            throw Error{Exit::usage, fmt::format("'{}' is not <class>=<chips>", word)};
        goal.plan.targets[static_cast<int>(*klass)] = *count;
    }
    if (options.until_target && goal.plan.targets.empty())
        throw Error{Exit::usage, "--until-target needs targets", "of --target or of --plan FILE"};
    return goal;
}

struct Rate {
    double chips_per_s = 0;
    std::optional<double> left_s;
};

Rate rate_of(const chip::Progress& progress, const Goal& goal) {
    Rate rate;
    const double elapsed = progress.elapsed_s.value_or(0);
    if (elapsed <= 0) return rate;
    std::int64_t chips = 0;
    for (const auto& [klass, count] : progress.chips) chips += count;
    rate.chips_per_s = static_cast<double>(chips) / elapsed;
    if (goal.plan.tasks && progress.finished > 0)
        rate.left_s = static_cast<double>(*goal.plan.tasks - progress.finished) * elapsed /
                      static_cast<double>(progress.finished);
    return rate;
}

std::string as_json(const chip::Progress& progress, const Goal& goal) {
    std::string tasks, classes;
    for (const auto& [name, count] : progress.tasks)
        tasks += fmt::format("{}\"{}\":{}", tasks.empty() ? "" : ",", name, count);
    for (const auto& [klass, count] : progress.chips) {
        const auto target = goal.plan.targets.find(klass);
        classes +=
            fmt::format(R"({}"{}":{{"chips":{},"target":{}}})", classes.empty() ? "" : ",", klass,
                        count, target == goal.plan.targets.end() ? 0 : target->second);
    }
    const Rate rate = rate_of(progress, goal);
    const auto or_null = [](const auto& value) {
        return value ? fmt::format("{:.1f}", static_cast<double>(*value)) : std::string("null");
    };
    return fmt::format(
        R"({{"plan":"{}","tasks":{{{}}},"tasks_planned":{},"classes":{{{}}},"seconds":{:.1f},"elapsed_s":{},"chips_per_s":{:.2f},"left_s":{},"foreign":{},"unreadable":{}}})",
        goal.plan.plan_id, tasks, goal.plan.tasks ? fmt::format("{}", *goal.plan.tasks) : "null",
        classes, progress.seconds, or_null(progress.elapsed_s), rate.chips_per_s,
        or_null(rate.left_s), progress.foreign, progress.unreadable);
}

void print_text(const chip::Progress& progress, const Goal& goal, const cli::Context& context) {
    for (const auto& [klass, count] : progress.chips) {
        const auto target = goal.plan.targets.find(klass);
        context.print(target != goal.plan.targets.end() && target->second > 0
                          ? fmt::format("class {:>3} {:>8} of {}", klass, count, target->second)
                          : fmt::format("class {:>3} {:>8}", klass, count));
    }
    for (const auto& [name, count] : progress.tasks)
        context.print(fmt::format("tasks {:>8} {:>8}", name, count));
    if (goal.plan.tasks)
        context.print(fmt::format("tasks {:>8} {:>8}", "planned", *goal.plan.tasks));
    const Rate rate = rate_of(progress, goal);
    if (rate.chips_per_s > 0)
        context.print(fmt::format("rate {:>9.1f} chips/s{}", rate.chips_per_s,
                                  rate.left_s ? fmt::format(", {:.0f} s left", *rate.left_s) : ""));
    if (progress.foreign + progress.unreadable > 0)
        context.print(
            fmt::format("other plans {}, unreadable {}", progress.foreign, progress.unreadable));
}

class Monitor {
 public:
    Monitor(const StatusOptions& options, const cli::Context& context)
        : options_(options),
          context_(context),
          goal_(goal_of(options)),
          fold_(goal_.plan.plan_id) {}

    void run() {
        const auto add = [this](std::string_view line) { fold_.add(line); };
        if (!options_.kafka.brokers.empty()) {
            chip::read_topic(options_.kafka, options_.kafka.results_topic,
                             {options_.follow, add, [this] { return go_on(); }});
        } else {
            chip::ResultFiles files(options_.results);
            files.read_new(add);
            while (options_.follow && go_on()) {
                throw_if_cancelled();
                std::this_thread::sleep_for(std::chrono::milliseconds(200));
                files.read_new(add);
            }
        }
        if (!options_.follow) say();
        chip::Progress progress = fold_.progress();
        if (options_.until_target && !goal_.targets_reached(progress))
            throw Error{Exit::failure, "targets are not reached"};
        if (options_.follow && !options_.until_target && progress.finished < goal_.plan.tasks)
            throw Error{Exit::failure, "some tasks failed", "their results say why"};
    }

 private:
    // Says how far it is at intervals, and at the end.
    bool go_on() {
        const bool due = Clock::now() >= next_look_;
        if (!due) return true;
        next_look_ = Clock::now() + std::chrono::milliseconds(500);
        chip::Progress progress = fold_.progress();
        const bool end = goal_.all_answered(progress) ||
                         (options_.until_target && goal_.targets_reached(progress));
        if (end || Clock::now() >= next_word_) {
            say();
            next_word_ = Clock::now() +
                         std::chrono::milliseconds(static_cast<int>(options_.interval_s * 1000));
        }
        return !end;
    }

    void say() const {
        const chip::Progress progress = fold_.progress();
        if (options_.json)
            context_.print(as_json(progress, goal_));
        else
            print_text(progress, goal_, context_);
    }

    const StatusOptions& options_;
    const cli::Context& context_;
    Goal goal_;
    chip::ProgressFold fold_;
    Clock::time_point next_look_{}, next_word_{};
};

void status(const StatusOptions& options, cli::Context& context) {
    if (options.results.empty() == options.kafka.brokers.empty())
        throw Error{Exit::usage, "RESULTS or --kafka is required", "see hls-chip status --help"};
    Monitor(options, context).run();
}

}  // namespace

std::set<std::string> finished_tasks(const std::string& results) {
    chip::ProgressFold fold("");
    chip::ResultFiles({results}).read_new([&](std::string_view line) { fold.add(line); });
    return fold.finished();
}

void declare_status(cli::Program& program) {
    const auto options = std::make_shared<StatusOptions>();
    CLI::App& app = program.add_command("status", "Progress per class from the results of tasks");
    app.add_option("RESULTS", options->results, "Files or folders of results; - is stdin");
    app.add_option("--target", options->targets, "Chips wanted of a class: 3=5000")->delimiter(',');
    app.add_option("--plan", options->plan,
                   "Plan to count, as its file or its id; default that of the first result");
    app.add_flag("--json", options->json, "JSON, an object a line");
    app.add_flag("--follow", options->follow, "Go on until all tasks of the plan's file are done");
    app.add_option("--interval", options->interval_s, "Seconds between two words with --follow")
        ->check(CLI::Range(0.1, 86400.))
        ->capture_default_str();
    app.add_flag("--until-target", options->until_target,
                 "Exit 1 while targets are not reached; with --follow wait for them");
    add_kafka_options(app, options->kafka);
    program.on_run(app, [options](cli::Context& context) { status(*options, context); });
}
