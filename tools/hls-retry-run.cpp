// SPDX-License-Identifier: Apache-2.0
// hls-retry run: claim, run, record; or one line of a list, without the log.
#include <fmt/format.h>

#include "core/error.hpp"
#include "fs/atomic_output.hpp"
#include "hls-retry.hpp"
#include "remote.hpp"
#include "retry/array_child.hpp"
#include "retry/worker.hpp"

namespace hls::tools {
namespace {

struct RunOptions {
    std::string items, spool, scratch;
    std::int64_t item = -1;
    bool drain = false, verify_digests = false, expected_ok = false;
};

void run_units(const RetryCommands& shared, const RunOptions& options, cli::Context& context) {
    if (shared.work.command.empty())
        throw Error{Exit::usage, "COMMAND is required", "see hls-retry run --help"};
    if (!shared.work.expected.empty() || options.verify_digests) require_libraries();
    auto log = shared.log.open(store::Access::write);
    retry::WorkerOptions worker;
    worker.claim = shared.claim_request("run");
    worker.command = shared.work.command;
    worker.expected_outputs = shared.work.expected;
    worker.limits = shared.limits();
    worker.run_folder = shared.run_folder();
    worker.scratch_folder = options.scratch;
    worker.drain = options.drain;
    worker.count = shared.work.count;
    worker.digest = sha256_of;
    worker.verify_digests = options.verify_digests;
    worker.keep_record = [](const std::filesystem::path& file, const std::string& line) {
        fs::write_text_atomically(file, line, fs::IfExists::replace);
    };
    const auto report = retry::work(log, worker);
    context.print(fmt::format(R"({{"done":{},"skipped":{},"failed":{},"taken_over":{}}})",
                              report.done, report.skipped, report.failed, report.taken_over));
}

std::string read_list(const std::string& place) {
    if (is_remote(place)) return read_object(place);
    std::string list;
    for (const auto& line : read_lines({place})) list += line.text + '\n';
    return list;
}

void keep_in_spool(const std::string& spool, const std::string& name, const std::string& line) {
    if (is_remote(spool))
        create_object(spool + (spool.ends_with('/') ? "" : "/") + name, line + '\n');
    else
        fs::write_text_atomically(std::filesystem::path(spool) / name, line + '\n',
                                  fs::IfExists::replace);
}

void run_one_item(const RetryCommands& shared, const RunOptions& options, cli::Context& context) {
    if (is_remote(options.spool) || options.verify_digests || options.items == "-")
        require_libraries();
    const auto child = retry::this_child(options.item);
    const auto item = retry::item_of_list(read_list(options.items), child, options.items);
    if (!item.expected_outputs.empty()) require_libraries();
    retry::ItemRunOptions run;
    run.log_folder = shared.work.run_folder;
    run.scratch_folder = options.scratch.empty() && run.log_folder.empty()
                             ? std::filesystem::temp_directory_path()
                             : std::filesystem::path(options.scratch);
    run.digest = sha256_of;
    run.verify_digests = options.verify_digests;
    const auto result = retry::run_item(item, run);
    const int code = result.record.exit_code;
    if (!options.spool.empty() && !retry::runs_again(child, code))
        keep_in_spool(options.spool, retry::record_name(item, child), result.line);
    context.print(result.line);
    const bool expected =
        joblog::classify({code}).klass == joblog::ExitClass::expected && options.expected_ok;
    if (code != 0 && !expected)
        throw Error{static_cast<Exit>(code),
                    fmt::format("{}: {}", item.unit, result.record.message)};
}

}  // namespace

void declare_run(cli::Program& program, RetryCommands& shared) {
    static RunOptions options;
    CLI::App& app = program.add_command("run", "Claim units, run them, record how they ended");
    add_log_options(app, shared.log);
    add_work_options(app, shared);
    app.add_flag("--drain", options.drain, "Until nothing is left to do");
    app.add_option("--runs", shared.work.run_folder,
                   "Folder of logs and records; by default that of the log with .runs added");
    app.add_option("--scratch", options.scratch,
                   "Give each command a TMPDIR of its own in this folder, removed at its end");
    app.add_flag("--verify-digests", options.verify_digests,
                 "Compare the digests of outputs too, not only their sizes");
    app.add_option("--items", options.items,
                   "Run one line of this list, without the log; a file or s3:// object");
    app.add_option("--item", options.item,
                   "The line, counted from 0; by default AWS_BATCH_JOB_ARRAY_INDEX")
        ->check(CLI::Range(0, 1'000'000'000));
    app.add_option("--spool", options.spool, "Leave the record in this folder or s3:// prefix");
    app.add_flag("--expected-ok", options.expected_ok,
                 "End with 0 for expected ends, for schedulers that know only good and bad");
    program.on_run(app, [&](cli::Context& context) {
        if (options.items.empty())
            run_units(shared, options, context);
        else
            run_one_item(shared, options, context);
    });
}

}  // namespace hls::tools
