// SPDX-License-Identifier: Apache-2.0
// hls-chip status: how far a plan is, once or until it is far enough.
#include <chrono>
#include <memory>
#include <thread>

#include "chip/progress_report.hpp"
#include "core/cancel.hpp"
#include "core/error.hpp"
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

class Monitor {
 public:
    Monitor(const StatusOptions& options, const cli::Context& context)
        : options_(options),
          context_(context),
          goal_(chip::make_goal(options.plan, options.targets)),
          fold_(goal_.plan_id) {
        if (options.until_target && goal_.targets.empty())
            throw Error{Exit::usage, "--until-target needs targets",
                        "of --target or of --plan FILE"};
    }

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
        const chip::Progress progress = fold_.progress();
        if (options_.until_target && !chip::targets_reached(goal_, progress))
            throw Error{Exit::failure, "targets are not reached"};
        if (options_.follow && !options_.until_target && progress.finished < goal_.tasks)
            throw Error{Exit::failure, "some tasks failed", "their results say why"};
    }

 private:
    // Says how far it is at intervals, and at the end.
    bool go_on() {
        const bool due = Clock::now() >= next_look_;
        if (!due) return true;
        next_look_ = Clock::now() + std::chrono::milliseconds(500);
        const chip::Progress progress = fold_.progress();
        const bool end = chip::all_answered(goal_, progress) ||
                         (options_.until_target && chip::targets_reached(goal_, progress));
        if (end || Clock::now() >= next_word_) {
            say();
            next_word_ = Clock::now() +
                         std::chrono::milliseconds(static_cast<int>(options_.interval_s * 1000));
        }
        return !end;
    }

    void say() const {
        const chip::Progress progress = fold_.progress();
        if (options_.json) return context_.print(chip::progress_json(goal_, progress));
        for (const std::string& line : chip::progress_lines(goal_, progress)) context_.print(line);
    }

    const StatusOptions& options_;
    const cli::Context& context_;
    chip::PlanGoal goal_;
    chip::ProgressFold fold_;
    Clock::time_point next_look_{}, next_word_{};
};

void status(const StatusOptions& options, cli::Context& context) {
    if (options.results.empty() == options.kafka.brokers.empty())
        throw Error{Exit::usage, "RESULTS or --kafka is required", "see hls-chip status --help"};
    Monitor(options, context).run();
}

}  // namespace

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
