// SPDX-License-Identifier: Apache-2.0
// hls-log why, show: what happened to this, what is where.
#include <fmt/format.h>

#include <map>

#include "core/parse.hpp"
#include "hls-log.hpp"
#include "joblog/history.hpp"

namespace hls::tools {
namespace {

struct QuestionOptions {
    std::vector<std::string> ids;
    std::string format = "text", group_by;
};

void print_lines(cli::Context& context, std::string_view text) {
    for (const auto line : split(text, '\n')) context.print(line);
}

void why(const LogCommands& shared, const QuestionOptions& options, cli::Context& context) {
    auto log = shared.log.open(store::Access::read);
    const store::ReadSnapshot snapshot(log.connection());
    for (const auto& id : options.ids)
        for (const auto& unit : joblog::units_named(log.connection(), id)) {
            if (options.format == "json") {
                context.print(joblog::history_json(log.connection(), unit));
            } else {
                std::string text = joblog::history_text(log.connection(), unit);
                text.pop_back();
                print_lines(context, text);
            }
        }
}

void show_groups(joblog::JobLog& log, const LogCommands& shared, const std::string& group_by,
                 cli::Context& context) {
    std::map<std::string, std::map<std::string, int>> groups;
    joblog::for_each_unit(log.connection(), shared.selection, [&](const joblog::Unit& unit) {
        const std::string& group = group_by == "reason"  ? unit.reason
                                   : group_by == "date"  ? unit.acq_date
                                   : group_by == "tile"  ? unit.tile
                                   : group_by == "stage" ? unit.stage
                                                         : unit.state;
        ++groups[group][unit.stage + ' ' + unit.state];
    });
    for (const auto& [group, counts] : groups)
        for (const auto& [what, count] : counts)
            context.print(fmt::format("{}\t{}\t{}", group.empty() ? "-" : group, what, count));
}

void show(const LogCommands& shared, const QuestionOptions& options, cli::Context& context) {
    auto log = shared.log.open(store::Access::read);
    const store::ReadSnapshot snapshot(log.connection());
    joblog::check_selection(shared.selection);
    if (!options.group_by.empty()) return show_groups(log, shared, options.group_by, context);
    joblog::for_each_unit(log.connection(), shared.selection, [&](const joblog::Unit& unit) {
        if (options.format == "json")
            context.print(joblog::unit_json(unit));
        else if (options.format == "keys")
            context.print(unit.key);
        else
            context.print(fmt::format("{:40}  {:10}  {}", unit.key, unit.state, unit.reason));
    });
}

}  // namespace

void declare_questions(cli::Program& program, LogCommands& shared) {
    static QuestionOptions options;
    const auto declare = [&](const char* name, const char* purpose, bool selects) -> CLI::App& {
        CLI::App& app = program.add_command(name, purpose);
        add_log_options(app, shared.log);
        if (selects) add_selection_options(app, shared.selection);
        app.add_option("--format", options.format, "Form of the answer: text, json, keys")
            ->check(CLI::IsMember({"text", "json", "keys"}))
            ->capture_default_str();
        return app;
    };
    CLI::App& why_app = declare("why", "Everything that is known of a unit or product", false);
    program.require(why_app,
                    why_app.add_option("ID", options.ids,
                                       "A unit, a Level-1 or HLS id, TILE/DATE or PATH/ROW/DATE"));
    program.on_run(why_app, [&](cli::Context& c) { why(shared, options, c); });

    CLI::App& show_app = declare("show", "Units and their states", true);
    show_app.add_option("--group-by", options.group_by, "Count instead, by this")
        ->check(CLI::IsMember({"reason", "date", "tile", "stage", "state"}));
    program.on_run(show_app, [&](cli::Context& c) { show(shared, options, c); });
}

}  // namespace hls::tools
