// SPDX-License-Identifier: Apache-2.0
// hls-retry collect: how jobs of AWS Batch ended.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "core/error.hpp"
#include "hls-retry.hpp"
#include "remote.hpp"
#include "retry/batch_queue.hpp"

namespace hls::tools {
namespace {

struct CollectOptions {
    std::vector<std::string> files;
    std::string lease = "24h";
    bool poll = false;
};

void collect(const RetryCommands& shared, const CollectOptions& options, cli::Context& context) {
    if (options.poll == !options.files.empty())
        throw Error{Exit::usage, "say either --poll or what to read", "- reads events from stdin"};
    const auto lease = joblog::parse_duration(options.lease, "--lease");
    retry::CollectReport report;
    if (options.poll) {
        require_libraries();
        auto log = shared.log.open(store::Access::write);
        report = retry::poll_batch(log, batch_service(), lease);
    } else {
        std::vector<retry::JobState> jobs;
        for (const auto& file : options.files) {
            std::string whole;
            for (const auto& line : read_lines({file})) whole += line.text + '\n';
            auto some = retry::parse_documents(whole, file);
            std::ranges::move(some, std::back_inserter(jobs));
        }
        auto log = shared.log.open(store::Access::write);
        report = retry::apply_jobs(log, jobs, lease);
    }
    context.print(fmt::format(R"({{"ended":{},"running":{},"foreign":{}}})", report.ended,
                              report.running, report.foreign));
}

}  // namespace

void declare_collect(cli::Program& program, RetryCommands& shared) {
    static CollectOptions options;
    CLI::App& app = program.add_command("collect", "Learn how jobs of AWS Batch ended");
    add_log_options(app, shared.log);
    app.add_option("FILE", options.files,
                   "Events of EventBridge or answers of DescribeJobs; - is stdin");
    app.add_flag("--poll", options.poll, "Ask AWS Batch for all jobs that run");
    app.add_option("--lease", options.lease, "How long jobs that run keep their units")
        ->capture_default_str();
    program.on_run(app, [&](cli::Context& context) { collect(shared, options, context); });
}

}  // namespace hls::tools
