// SPDX-License-Identifier: Apache-2.0
// What the commands of hls-retry share.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "joblog/claim.hpp"
#include "log_options.hpp"
#include "retry/batch_queue.hpp"
#include "retry/work_item.hpp"

namespace hls::tools {

// Which units to claim, and the command to make of each.
struct WorkOptionsOfRetry {
    std::vector<std::string> stages, command, expected;
    std::string unit, lease = "2h", time_limit, run_folder;
    std::int64_t memory_mb = 0;
    int count = 1;
    bool dry_run = false;
};

struct RetryCommands {
    LogOptions log;
    joblog::Selection selection;
    WorkOptionsOfRetry work;

    std::filesystem::path run_folder() const;
    retry::Limits limits() const;
    joblog::ClaimRequest claim_request(const std::string& backend) const;
};

// AWS Batch, and where lists of work are written.
retry::BatchService batch_service();

void add_work_options(CLI::App& app, RetryCommands& shared);

void declare_run(cli::Program& program, RetryCommands& shared);
void declare_due(cli::Program& program, RetryCommands& shared);
void declare_submit(cli::Program& program, RetryCommands& shared);
void declare_collect(cli::Program& program, RetryCommands& shared);
void declare_orders(cli::Program& program, RetryCommands& shared);

}  // namespace hls::tools
