// SPDX-License-Identifier: Apache-2.0
// Documents of AWS Batch (API of 2016-08-10): what is submitted, and what is told of jobs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "retry/work_item.hpp"

namespace hls::retry {

struct BatchJob {
    std::string name;  // hls-ac-<run id>: 128 letters, digits, '-' and '_' at most
    std::string queue, definition;
    int size = 1;  // 2 to 10,000 makes an array job
    std::string items, spool;
    std::string stage, track;
    Limits limits;  // 0: those of the job definition
    int attempts = 0;
};

// Body of SubmitJob.
std::string submit_body(const BatchJob& job);
// jobId of the answer. Throws Error{bad_input}.
std::string submitted_id(std::string_view answer);

// Body of ListJobs for jobs of this name, and the id of the first one in the answer.
std::string list_body(std::string_view queue, std::string_view name);
std::optional<std::string> listed_id(std::string_view answer);

std::string describe_body(const std::vector<std::string>& ids);
std::string terminate_body(std::string_view id, std::string_view reason);

// What matters of one job. A child of an array is "<job id>:<index>".
struct JobState {
    std::string id, status;        // SUBMITTED PENDING RUNNABLE STARTING RUNNING SUCCEEDED FAILED
    std::optional<int> exit_code;  // of the last attempt
    std::string reason;            // the text that says most
    std::string started_at, ended_at, log_stream;
    bool array_parent = false;
    std::string document;  // the whole, as JSON
};

// Reads a job as EventBridge, DescribeJobs or Step Functions deliver it (the latter with capital
// letters), alone, in a list, in {"jobs":[...]}, or wrapped in messages of SQS. A document that
// holds no job gives none. Throws Error{bad_input} for what is no JSON.
std::vector<JobState> parse_jobs(std::string_view text, std::string_view place);

// The same for a text that is one document, or one a line.
std::vector<JobState> parse_documents(std::string_view text, std::string_view place);

}  // namespace hls::retry
