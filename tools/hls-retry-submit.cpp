// SPDX-License-Identifier: Apache-2.0
// hls-retry submit: units to AWS Batch.
#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "core/cancel.hpp"
#include "core/error.hpp"
#include "fs/atomic_output.hpp"
#include "hls-retry.hpp"
#include "remote.hpp"
#include "retry/batch_queue.hpp"

namespace hls::tools {
namespace {

void write_new(const std::string& uri, const std::string& text) {
    if (!is_remote(uri)) return fs::write_text_atomically(uri, text, fs::IfExists::refuse);
    if (!create_object(uri, text)) throw Error{Exit::cannot_create, "output exists: " + uri};
}

void sleep_unless_cancelled(std::chrono::duration<double> time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) {
        throw_if_cancelled();
        std::this_thread::sleep_for(std::min<std::chrono::duration<double>>(
            end - std::chrono::steady_clock::now(), std::chrono::milliseconds(50)));
    }
}

}  // namespace

retry::BatchService batch_service() {
    return {call_batch, write_new, sleep_unless_cancelled};
}

namespace {

void submit(const RetryCommands& shared, retry::SubmitOptions& options, cli::Context& context) {
    if (shared.work.command.empty())
        throw Error{Exit::usage, "COMMAND is required", "see hls-retry submit --help"};
    if (!shared.work.dry_run) require_libraries();
    options.claim = shared.claim_request("batch");
    options.command = shared.work.command;
    options.expected_outputs = shared.work.expected;
    options.limits = shared.limits();
    if (shared.work.dry_run) {
        auto log = shared.log.open(store::Access::read);
        for (const auto& unit : joblog::due_units(log.connection(), options.claim, utc_now()))
            context.print(unit.key);
        return;
    }
    auto log = shared.log.open(store::Access::write);
    const auto report = retry::submit_batch(log, options, batch_service());
    context.print(fmt::format(R"({{"units":{},"jobs":{},"active":{}}})", report.units, report.jobs,
                              report.active + report.units));
}

}  // namespace

void declare_submit(cli::Program& program, RetryCommands& shared) {
    static retry::SubmitOptions options;
    static std::string backend = "batch";
    CLI::App& app = program.add_command("submit", "Claim units and submit them to AWS Batch");
    add_log_options(app, shared.log);
    add_work_options(app, shared);
    app.add_option("--backend", backend, "Where to")
        ->check(CLI::IsMember({"batch"}))
        ->capture_default_str();
    program.require(app, app.add_option("--queue", options.queue, "Job queue"));
    app.add_option("--on-demand-queue", options.on_demand_queue,
                   "Queue of units that lost their machine twice");
    program.require(app, app.add_option("--jobdef", options.definition, "Job definition"));
    program.require(app, app.add_option("--items-to", options.items,
                                        "Folder or s3:// prefix of the lists of work"));
    program.require(app, app.add_option("--spool", options.spool,
                                        "Folder or s3:// prefix where jobs leave their records"));
    app.add_option("--array", options.array_size, "Children of an array job; 1: one job per unit")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    app.add_option("--max-active", options.max_active, "Most units at AWS Batch at once")
        ->check(CLI::Range(1, 1'000'000'000))
        ->capture_default_str();
    app.add_option("--rate", options.rate, "Submissions a second")
        ->check(CLI::Range(0.01, 50.0))
        ->capture_default_str();
    app.add_flag("--dry-run", shared.work.dry_run, "Print the units, submit nothing");
    program.on_run(app, [&](cli::Context& context) { submit(shared, options, context); });
}

}  // namespace hls::tools
