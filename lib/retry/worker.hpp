// SPDX-License-Identifier: Apache-2.0
// A worker: claims units, runs them one after another, records how they ended.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "joblog/claim.hpp"
#include "retry/item_run.hpp"

namespace hls::retry {

struct WorkerOptions {
    joblog::ClaimRequest claim;
    std::vector<std::string> command;           // with words in braces
    std::vector<std::string> expected_outputs;  // the same
    Limits limits;
    std::filesystem::path run_folder;  // records and logs
    std::filesystem::path scratch_folder;
    bool drain = false;  // until nothing is left to run or to wait for
    int count = 1;       // units to run without drain
    std::function<std::string(const std::filesystem::path&)> digest;
    bool verify_digests = false;
    // Keeps a record on disk before the log knows it.
    std::function<void(const std::filesystem::path&, const std::string&)> keep_record;
};

struct WorkerReport {
    int done = 0, skipped = 0, failed = 0, taken_over = 0;
};

// With drain, units that others hold or that back off for less than `patience` are waited for, so
// that the end means that everything due was done. Throws Error{unavailable} after three
// configuration errors in a row: the command is wrong rather than the units, which stay as they
// are. Throws 128 + signal when cancelled, after the child ended and its record was kept.
WorkerReport work(joblog::JobLog& log, const WorkerOptions& options);

// Takes in records that workers left in the run folder without telling the log.
int take_in_records(joblog::JobLog& log, const std::filesystem::path& run_folder);

}  // namespace hls::retry
