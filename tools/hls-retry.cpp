// SPDX-License-Identifier: Apache-2.0
// hls-retry: decides what is due, and runs it, prints it or submits it.
#include "hls-retry.hpp"

#include "core/error.hpp"
#include "store/connection.hpp"

namespace hls::tools {

std::filesystem::path RetryCommands::run_folder() const {
    return work.run_folder.empty() ? log.path + ".runs" : work.run_folder;
}

retry::Limits RetryCommands::limits() const {
    const auto time = work.time_limit.empty()
                          ? joblog::seconds(0)
                          : joblog::parse_duration(work.time_limit, "--time-limit");
    return {work.memory_mb, static_cast<double>(time.count())};
}

joblog::ClaimRequest RetryCommands::claim_request(const std::string& backend) const {
    for (const auto& stage : work.stages) joblog::require_stage(stage);
    const auto lease = joblog::parse_duration(work.lease, "--lease");
    if (lease.count() < 1)
        throw Error{Exit::usage, "--lease takes one second or more",
                    "a claim without lease belongs to nobody"};
    return {work.stages, work.unit, work.count, lease, joblog::this_process(), backend};
}

void add_work_options(CLI::App& app, RetryCommands& shared) {
    auto& work = shared.work;
    app.add_option("COMMAND", work.command,
                   "The tool and its arguments, after --; words in braces stand for the unit");
    app.add_option("--stage", work.stages, "Only these stages, as in ac,tile")
        ->delimiter(',')
        ->allow_extra_args(false);
    app.add_option("--unit", work.unit, "Only this unit");
    app.add_option("-n,--count", work.count, "Up to so many units")
        ->check(CLI::Range(1, 10'000'000))
        ->capture_default_str();
    app.add_option("--lease", work.lease, "How long a claim holds unless renewed")
        ->capture_default_str();
    app.add_option("--memory", work.memory_mb, "Memory of one unit in MB; over it, it is killed")
        ->check(CLI::Range(std::int64_t{1}, retry::kMostMemory_mb));
    app.add_option("--time-limit", work.time_limit, "Time of one unit, as in 90m");
    app.add_option("--expect", work.expected,
                   "A file that the command makes, for commands that print no result record")
        ->allow_extra_args(false);  // or it would take the "--" for its own
}

}  // namespace hls::tools

int main(int argc, char** argv) {
    hls::cli::Program program("hls-retry", "What is due, and running, printing or submitting it");
    hls::tools::RetryCommands shared;
    hls::tools::declare_due(program, shared);
    hls::tools::declare_run(program, shared);
    hls::tools::declare_submit(program, shared);
    hls::tools::declare_collect(program, shared);
    hls::tools::declare_orders(program, shared);
    program.on_version([] {
        return hls::cli::LibraryVersions{{"SQLite", hls::store::sqlite_version()}};
    });
    return program.run(argc, argv);
}
