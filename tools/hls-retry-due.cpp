// SPDX-License-Identifier: Apache-2.0
// hls-retry due, sweep: what may run now, and what only time changes.
#include <fmt/format.h>

#include "core/error.hpp"
#include "hls-retry.hpp"
#include "joblog/history.hpp"
#include "retry/worker.hpp"

namespace hls::tools {
namespace {

struct DueOptions {
    std::string format = "ndjson";
    bool claim = false;
    std::string close_after;  // tiles that waited so long
};

// Ends the wait of tiles for scenes that may still come.
void end_waits(joblog::Change& change, const std::string& after) {
    const auto age = joblog::parse_duration(after, "--close-after");
    change.connection()
        .prepare(
            "UPDATE unit SET deadline=?1 WHERE stage='tile' AND state='wait' AND created_at<=?2")
        .bind(change.now(), joblog::timestamp(change.time() - age))
        .run();
}

void print_units(const std::vector<joblog::Unit>& units, const DueOptions& options,
                 cli::Context& context) {
    for (const auto& unit : units)
        context.print(options.format == "keys" ? unit.key : joblog::unit_json(unit));
}

void due(const RetryCommands& shared, const DueOptions& options, cli::Context& context) {
    const auto request = shared.claim_request("list");
    const bool needs_claim = options.format == "items" || options.format == "commands";
    if (needs_claim && (!options.claim || shared.work.command.empty()))
        throw Error{Exit::usage,
                    fmt::format("--format {} needs --claim and a COMMAND", options.format),
                    "see hls-retry due --help"};
    if (!options.claim) {
        auto log = shared.log.open(store::Access::read);
        return print_units(joblog::due_units(log.connection(), request, utc_now()), options,
                           context);
    }
    auto log = shared.log.open(store::Access::write);
    joblog::Change change(log, utc_now(), request.owner);
    const auto units = joblog::claim_units(change, request);
    std::vector<std::string> lines;
    for (const auto& unit : units)
        if (needs_claim) {
            const auto item = retry::make_item(log.connection(), unit, shared.work.command,
                                               shared.limits(), shared.work.expected);
            lines.push_back(options.format == "items" ? retry::item_line(item)
                                                      : retry::shell_line(item));
        }
    change.commit();
    if (!needs_claim) return print_units(units, options, context);
    for (const auto& line : lines) context.print(line);
}

void sweep(const RetryCommands& shared, const DueOptions& options, cli::Context& context) {
    auto log = shared.log.open(store::Access::write);
    const int records = shared.work.dry_run ? 0 : retry::take_in_records(log, shared.run_folder());
    joblog::Change change(log, utc_now(), joblog::this_process());
    if (!options.close_after.empty()) end_waits(change, options.close_after);
    const auto woken = joblog::wake(change);
    if (!shared.work.dry_run) change.commit();
    context.print(fmt::format(R"({{"records":{},"expired":{},"retried":{},"closed":{}}})", records,
                              woken.expired, woken.retried, woken.closed));
}

}  // namespace

void declare_due(cli::Program& program, RetryCommands& shared) {
    static DueOptions options;
    CLI::App& app = program.add_command("due", "What may run now, most urgent first");
    add_log_options(app, shared.log);
    add_work_options(app, shared);
    app.add_option("--format", options.format,
                   "ndjson, keys; with --claim also items (for --items, --inputs-from) or commands")
        ->check(CLI::IsMember({"ndjson", "keys", "items", "commands"}))
        ->capture_default_str();
    app.add_flag("--claim", options.claim, "Take them, for whoever runs what is printed");
    program.on_run(app, [&](cli::Context& context) { due(shared, options, context); });

    CLI::App& sweep_app = program.add_command(
        "sweep", "Expire leases, end backoffs, close tiles, take in records left behind");
    add_log_options(sweep_app, shared.log);
    sweep_app.add_option("--runs", shared.work.run_folder, "Folder of records, as of run");
    sweep_app.add_flag("--dry-run", shared.work.dry_run, "Say what would change, change nothing");
    sweep_app.add_option("--close-after", options.close_after,
                         "Make tiles that waited so long of what is there, as in 18h or 0s");
    program.on_run(sweep_app, [&](cli::Context& context) { sweep(shared, options, context); });
}

}  // namespace hls::tools
