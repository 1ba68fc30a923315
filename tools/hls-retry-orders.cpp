// SPDX-License-Identifier: Apache-2.0
// hls-retry request, redrive, hold, release, cancel: what an operator orders.
#include <fmt/format.h>

#include <array>

#include "core/error.hpp"
#include "core/escape.hpp"
#include "core/parse.hpp"
#include "hls-retry.hpp"
#include "retry/orders.hpp"

namespace hls::tools {
namespace {

struct OrderArguments {
    std::vector<std::string> ids;
    retry::OrderOptions options;
    bool dry_run = false;
};

std::vector<joblog::Unit> chosen_units(store::Connection& connection, const RetryCommands& shared,
                                       const OrderArguments& arguments) {
    std::vector<joblog::Unit> units;
    const auto add_named = [&](const std::string& name) {
        for (auto& unit : joblog::units_named(connection, name)) units.push_back(std::move(unit));
    };
    for (const auto& id : arguments.ids) {
        if (id != "-") {
            add_named(id);
            continue;
        }
        for (const auto& line : read_lines({"-"}))
            if (const auto name = trim(line.text); !name.empty()) add_named(std::string(name));
    }
    const auto& selection = shared.selection;
    if (arguments.ids.empty()) {
        if (selection.empty())
            throw Error{Exit::usage, "say which units: an ID, or --stage, --state, --date, ...",
                        "--state held,retry,... --dry-run shows what would happen"};
        units = joblog::select_units(connection, selection);
    } else {
        units = joblog::units_that_fit(connection, selection, std::move(units));
    }
    if (arguments.options.from_stage.empty()) return units;
    joblog::require_stage(arguments.options.from_stage);
    return retry::with_earlier_stages(connection, units, arguments.options.from_stage);
}

void order(retry::Order what, const RetryCommands& shared, const OrderArguments& arguments,
           cli::Context& context) {
    auto log = shared.log.open(store::Access::write);
    joblog::Change change(log, utc_now(), joblog::this_process());
    const auto units = chosen_units(log.connection(), shared, arguments);
    std::vector<std::string> lines;
    retry::give_order(change, what, units, arguments.options, [&](const retry::OrderedUnit& moved) {
        lines.push_back(fmt::format(R"({{"unit":"{}","from":"{}","to":"{}"}})",
                                    json_escape(moved.unit), moved.from, moved.to));
    });
    if (!arguments.dry_run) change.commit();
    for (const auto& line : lines) context.print(line);
}

}  // namespace

void declare_orders(cli::Program& program, RetryCommands& shared) {
    struct Command {
        retry::Order order;
        const char* name;
        const char* purpose;
    };
    static constexpr std::array kCommands{
        Command{retry::Order::request, "request", "Make these now, before everything else"},
        Command{retry::Order::redrive, "redrive", "Try these again with fresh budgets"},
        Command{retry::Order::hold, "hold", "Keep these from running"},
        Command{retry::Order::release, "release", "Let go on what is held"},
        Command{retry::Order::cancel, "cancel", "Never do these"}};
    static OrderArguments arguments;
    for (const auto& command : kCommands) {
        CLI::App& app = program.add_command(command.name, command.purpose);
        add_log_options(app, shared.log);
        add_selection_options(app, shared.selection);
        app.add_option("ID", arguments.ids,
                       "Units, Level-1 or HLS ids, TILE/DATE; - reads them from stdin");
        app.add_option("--note", arguments.options.note, "Why; kept with the move");
        app.add_flag("--dry-run", arguments.dry_run, "Say what would change, change nothing");
        if (command.order == retry::Order::request) {
            app.add_option("--from-stage", arguments.options.from_stage,
                           "Also make again what they need, back to this stage");
            app.add_option("--priority", arguments.options.priority,
                           "By default 10; lower is sooner")
                ->check(CLI::Range(0, 1000));
        }
        program.on_run(app, [&shared, order_of = command.order](cli::Context& context) {
            order(order_of, shared, arguments, context);
        });
    }
}

}  // namespace hls::tools
