// SPDX-License-Identifier: Apache-2.0
// hls-retry run: claim, run, record; or one line of a list, without the log.
#include <fmt/format.h>

#include <cstdlib>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "fs/atomic_output.hpp"
#include "hls-retry.hpp"
#include "remote.hpp"
#include "retry/worker.hpp"

namespace hls::tools {
namespace {

struct RunOptions {
    std::string items, spool;
    std::int64_t item = -1;
    bool drain = false, verify_digests = false, expected_ok = false;
};

void run_units(const RetryCommands& shared, const RunOptions& options, cli::Context& context) {
    if (shared.work.command.empty())
        throw Error{Exit::usage, "COMMAND is required", "see hls-retry run --help"};
    auto log = shared.log.open(store::Access::write);
    retry::WorkerOptions worker;
    worker.claim = shared.claim_request("run");
    worker.command = shared.work.command;
    worker.expected_outputs = shared.work.expected;
    worker.limits = shared.limits();
    worker.run_folder = shared.run_folder();
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

std::int64_t item_number(const RunOptions& options) {
    if (options.item >= 0) return options.item;
    const char* index = std::getenv("AWS_BATCH_JOB_ARRAY_INDEX");
    if (index == nullptr) return 0;  // a job that is no array has one item
    const auto number = to_int(index);
    if (!number || *number < 0)
        throw Error{Exit::usage, fmt::format("AWS_BATCH_JOB_ARRAY_INDEX is '{}'", index)};
    return *number;
}

retry::WorkItem read_item(const RunOptions& options) {
    const auto number = item_number(options);
    std::vector<std::string> lines;
    if (is_remote(options.items)) {
        for (const auto line : split(read_object(options.items), '\n')) lines.emplace_back(line);
    } else {
        for (auto& line : read_lines({options.items})) lines.push_back(std::move(line.text));
    }
    while (!lines.empty() && trim(lines.back()).empty()) lines.pop_back();
    if (static_cast<std::size_t>(number) >= lines.size())
        throw Error{Exit::usage, fmt::format("{} has {} lines, no line of index {}", options.items,
                                             lines.size(), number)};
    return retry::parse_item(lines[static_cast<std::size_t>(number)],
                             fmt::format("{} line {}", options.items, number + 1));
}

// One file or object for each attempt: schedulers that run a child again do not replace what the
// first one said.
void keep_in_spool(const std::string& spool, const retry::WorkItem& item,
                   const retry::ItemResult& result) {
    const char* attempt = std::getenv("AWS_BATCH_JOB_ATTEMPT");
    // Batch runs these again itself (evaluateOnExit of the job definitions), as the same run.
    const auto exit = static_cast<Exit>(result.record.exit_code);
    if (attempt != nullptr && (exit == Exit::terminated || exit == Exit::temporary)) return;
    const std::string line = result.line;
    const std::string name =
        fmt::format("{}.{}.json", item.run_id, attempt == nullptr ? "1" : attempt);
    if (is_remote(spool))
        create_object(spool + (spool.ends_with('/') ? "" : "/") + name, line + '\n');
    else
        fs::write_text_atomically(std::filesystem::path(spool) / name, line + '\n',
                                  fs::IfExists::replace);
}

void run_one_item(const RetryCommands& shared, const RunOptions& options, cli::Context& context) {
    if (is_remote(options.spool)) require_network();
    const auto item = read_item(options);
    retry::ItemRunOptions run;
    run.log_folder = shared.work.run_folder.empty() ? std::filesystem::temp_directory_path()
                                                    : std::filesystem::path(shared.work.run_folder);
    run.digest = sha256_of;
    run.verify_digests = options.verify_digests;
    const auto result = retry::run_item(item, run);
    if (!options.spool.empty()) keep_in_spool(options.spool, item, result);
    context.print(result.line);
    const int code = result.record.exit_code;
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
    app.add_flag("--verify-digests", options.verify_digests,
                 "Compare the digests of outputs too, not only their sizes");
    app.add_option("--items", options.items,
                   "Run one line of this list, without the log; a file or s3:// object");
    app.add_option("--item", options.item,
                   "The line, counted from 0; by default AWS_BATCH_JOB_ARRAY_INDEX")
        ->check(CLI::NonNegativeNumber);
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
