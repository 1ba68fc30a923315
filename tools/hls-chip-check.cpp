// SPDX-License-Identifier: Apache-2.0
// hls-chip status and verify: how far a run is, whether a data set is sound.
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <memory>

#include "chip/data_set.hpp"
#include "core/error.hpp"
#include "core/escape.hpp"
#include "core/parallel.hpp"
#include "core/parse.hpp"
#include "hls-chip.hpp"

namespace {

using namespace hls;

struct StatusOptions {
    std::vector<std::string> results;
    std::vector<std::string> targets;
    std::string plan_id;
    bool json = false, until_target = false;
};

void fold(std::istream& in, chip::ProgressFold& fold) {
    for (std::string line; std::getline(in, line);) fold.add(line);
}

std::map<int, std::int64_t> read_targets(const std::vector<std::string>& words) {
    std::map<int, std::int64_t> targets;
    for (const std::string& word : words) {
        const auto parts = split(word, '=');
        const auto klass = to_int(parts[0]);
        const auto count = parts.size() == 2 ? to_int(parts[1]) : std::nullopt;
        if (!klass || !count)
            throw Error{Exit::usage, fmt::format("'{}' is not <class>=<chips>", word)};
        targets[static_cast<int>(*klass)] = *count;
    }
    return targets;
}

void status(const StatusOptions& options, cli::Context& context) {
    chip::ProgressFold results(options.plan_id);
    for (const std::string& name : options.results) {
        if (name == "-") {
            fold(std::cin, results);
            continue;
        }
        std::ifstream file(name);
        if (!file) throw Error{Exit::missing_input, fmt::format("cannot read {}", name)};
        fold(file, results);
    }
    const chip::Progress progress = results.progress();
    const auto targets = read_targets(options.targets);
    std::string tasks, classes;
    bool reached = true;
    for (const auto& [name, count] : progress.tasks)
        tasks += fmt::format("{}\"{}\":{}", tasks.empty() ? "" : ",", name, count);
    auto chips = progress.chips;
    for (const auto& [klass, target] : targets) reached &= chips[klass] >= target;
    for (const auto& [klass, count] : chips) {
        const auto target = targets.find(klass);
        const auto wanted = target == targets.end() ? 0 : target->second;
        classes += fmt::format(R"({}"{}":{{"chips":{},"target":{}}})", classes.empty() ? "" : ",",
                               klass, count, wanted);
        if (!options.json)
            context.print(wanted > 0 ? fmt::format("class {:>3} {:>8} of {}", klass, count, wanted)
                                     : fmt::format("class {:>3} {:>8}", klass, count));
    }
    if (options.json)
        context.print(fmt::format(
            R"({{"tasks":{{{}}},"classes":{{{}}},"seconds":{:.1f},"foreign":{},"unreadable":{}}})",
            tasks, classes, progress.seconds, progress.foreign, progress.unreadable));
    else
        for (const auto& [name, count] : progress.tasks)
            context.print(fmt::format("tasks {:>8} {:>8}", name, count));
    if (options.until_target && !reached) throw Error{Exit::failure, "targets are not reached yet"};
}

struct VerifyOptions {
    std::string folder;
    bool fix = false;
    int threads = available_threads();
};

void verify(const VerifyOptions& options, cli::Context& context) {
    const auto report = chip::verify_data_set(options.folder, options.threads, options.fix,
                                              context.progress("verify"));
    for (const chip::Fault& fault : report.faults)
        context.print(fmt::format(R"({{"path":"{}","fault":"{}"}})", json_escape(fault.path),
                                  json_escape(fault.what)));
    if (!report.faults.empty())
        throw Error{Exit::failure,
                    fmt::format("{} faults in {} chips of {} tasks", report.faults.size(),
                                report.chips, report.tasks),
                    options.fix ? "run the plan again for what was removed"
                                : "--fix removes what is broken"};
    context.print(
        fmt::format(R"({{"chips":{},"tasks":{},"faults":0}})", report.chips, report.tasks));
}

}  // namespace

void declare_status(cli::Program& program) {
    const auto options = std::make_shared<StatusOptions>();
    CLI::App& app = program.add_command("status", "Progress per class from the results of tasks");
    program.require(app,
                    app.add_option("RESULTS", options->results, "Files of results; - is stdin"));
    app.add_option("--target", options->targets, "Chips wanted of a class: 3=5000")->delimiter(',');
    app.add_option("--plan", options->plan_id, "Count this plan only; default that of the first");
    app.add_flag("--json", options->json, "One JSON object");
    app.add_flag("--until-target", options->until_target, "Exit 1 while targets are not reached");
    program.on_run(app, [options](cli::Context& context) { status(*options, context); });
}

void declare_verify(cli::Program& program) {
    const auto options = std::make_shared<VerifyOptions>();
    CLI::App& app = program.add_command("verify", "Whether a data set is whole and sound");
    program.require(app, app.add_option("FOLDER", options->folder, "Folder of the data set"));
    app.add_flag("--fix", options->fix, "Remove what is broken or belongs to nothing");
    app.add_option("-j,--threads", options->threads, "Files at a time")->capture_default_str();
    program.on_run(app, [options](cli::Context& context) { verify(*options, context); });
}
