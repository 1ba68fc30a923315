// SPDX-License-Identifier: Apache-2.0
// Units on their way through AWS Batch: submitted at a steady rate, followed until they end.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "joblog/claim.hpp"
#include "joblog/finish.hpp"
#include "retry/batch_job.hpp"

namespace hls::retry {

// What lies outside: the service and the place for lists of items.
struct BatchService {
    // POST of a JSON body; the answer. A call that is not idempotent throws Error{temporary} when
    // its answer got lost.
    std::function<std::string(const std::string& path, const std::string& body, bool idempotent)>
        call;
    // Writes what must not exist yet.
    std::function<void(const std::string& uri, const std::string& text)> write;
    std::function<void(std::chrono::duration<double>)> sleep;
};

struct SubmitOptions {
    joblog::ClaimRequest claim;
    std::vector<std::string> command, expected_outputs;
    Limits limits;
    std::string queue, on_demand_queue, definition;
    std::string items, spool;  // folders or s3:// prefixes
    int array_size = 1000;
    int max_active = 5000;
    double rate = 20;  // SubmitJob per second
};

struct SubmitReport {
    int units = 0, jobs = 0;
    int active = 0;  // before
};

// Claims units and submits them, grouped by what they need; later tries that need more memory or
// time ask for it, and those that lost their machine twice go to the on-demand queue. A claim is
// short until the job is known, so that a crash in between loses no unit.
SubmitReport submit_batch(joblog::JobLog& log, const SubmitOptions& options,
                          const BatchService& service);

struct CollectReport {
    int ended = 0, running = 0, foreign = 0;
};

// What is told of jobs becomes the state of their units. Jobs that run keep their lease.
CollectReport apply_jobs(joblog::JobLog& log, const std::vector<JobState>& jobs,
                         joblog::seconds lease);

// Asks the service for all jobs that the log waits for.
CollectReport poll_batch(joblog::JobLog& log, const BatchService& service, joblog::seconds lease);

}  // namespace hls::retry
