// SPDX-License-Identifier: Apache-2.0
#include "retry/batch_job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "core/time.hpp"
#include "joblog/exit_class.hpp"
#include "joblog/json_member.hpp"

namespace hls::retry {
namespace {

using Json = nlohmann::ordered_json;
using joblog::member_at;
using joblog::text_at;

Json variable(std::string_view name, std::string_view value) {
    return {{"name", name}, {"value", value}};
}

// Step Functions capitalises the keys of the same documents.
Json with_small_keys(const Json& value) {
    if (value.is_array()) {
        Json list = Json::array();
        for (const Json& item : value) list.push_back(with_small_keys(item));
        return list;
    }
    if (!value.is_object()) return value;
    Json object = Json::object();
    for (const auto& [key, item] : value.items()) {
        std::string small = key;
        if (!small.empty()) small[0] = static_cast<char>(std::tolower(small[0]));
        object[small] = with_small_keys(item);
    }
    return object;
}

// Milliseconds since 1970, as the service writes times.
std::string time_at(const Json& object, const char* key) {
    const Json& value = member_at(object, key);
    if (!value.is_number()) return {};
    return format_utc(UtcTime(std::chrono::milliseconds(value.get<std::int64_t>())), 3);
}

std::optional<int> exit_code_of(const Json& container) {
    const Json& code = member_at(container, "exitCode");
    return code.is_number_integer() ? std::optional(code.get<int>()) : std::nullopt;
}

// Of several texts the first one that means something to us, else the first one there is.
std::string telling_reason(const std::vector<std::string>& texts) {
    std::string first;
    for (const auto& text : texts) {
        if (text.empty()) continue;
        if (joblog::knows_reason(text)) return text;
        if (first.empty()) first = text;
    }
    return first;
}

JobState state_of(const Json& job) {
    JobState state;
    state.id = text_at(job, "jobId");
    state.status = text_at(job, "status");
    const Json& container = member_at(job, "container");
    const Json& attempts = member_at(job, "attempts");
    // Attempts may be missing or empty: a job that was cancelled or lost before it began.
    const Json last = attempts.is_array() && !attempts.empty() ? attempts.back() : Json();
    const Json& last_container = member_at(last, "container");
    state.exit_code = last.is_null() ? exit_code_of(container) : exit_code_of(last_container);
    state.reason = telling_reason({text_at(last_container, "reason"), text_at(last, "statusReason"),
                                   text_at(job, "statusReason"), text_at(container, "reason")});
    state.started_at = time_at(job, "startedAt");
    state.ended_at = time_at(job, "stoppedAt");
    state.log_stream = text_at(last_container, "logStreamName");
    const Json& array = member_at(job, "arrayProperties");
    const Json& index = member_at(array, "index");
    state.array_parent = array.is_object() && array.contains("size") && index.is_null();
    if (index.is_number_integer() && state.id.find(':') == std::string::npos)
        state.id += fmt::format(":{}", index.get<std::int64_t>());
    state.document = job.dump();
    return state;
}

void collect_jobs(const Json& value, std::vector<JobState>& jobs, int depth) {
    constexpr int kDeepest = 8;
    if (depth > kDeepest) return;
    if (value.is_array()) {
        for (const Json& item : value) collect_jobs(item, jobs, depth + 1);
        return;
    }
    if (value.is_string()) {  // the body of a queue's message
        const Json inner = joblog::parse_json<Json>(value.get<std::string>());
        if (inner.is_structured()) collect_jobs(with_small_keys(inner), jobs, depth + 1);
        return;
    }
    if (!value.is_object()) return;
    if (value.contains("jobId") && value.contains("status")) {
        jobs.push_back(state_of(value));
        return;
    }
    for (const char* key : {"detail", "jobs", "records", "messages", "body", "message", "cause"})
        if (value.contains(key)) collect_jobs(value[key], jobs, depth + 1);
}

std::string text_of_answer(std::string_view answer, const char* key) {
    const Json json = joblog::parse_json<Json>(answer);
    return text_at(json, key);
}

}  // namespace

std::string submit_body(const BatchJob& job) {
    Json body{{"jobName", job.name}, {"jobQueue", job.queue}, {"jobDefinition", job.definition}};
    if (job.size > 1) body["arrayProperties"] = {{"size", job.size}};
    Json overrides;
    overrides["environment"] =
        Json::array({variable("HLS_ITEMS", job.items), variable("HLS_SPOOL", job.spool),
                     variable("HLS_STAGE", job.stage)});
    if (job.limits.memory_mb > 0)
        overrides["resourceRequirements"] =
            Json::array({{{"type", "MEMORY"}, {"value", std::to_string(job.limits.memory_mb)}}});
    body["containerOverrides"] = std::move(overrides);
    if (job.limits.time_s > 0)
        body["timeout"] = {{"attemptDurationSeconds",
                            std::max<std::int64_t>(60, std::llround(job.limits.time_s))}};
    body["propagateTags"] = true;
    body["tags"] = {{"hls:stage", job.stage}, {"hls:track", job.track}};
    return body.dump();
}

std::string submitted_id(std::string_view answer) {
    auto id = text_of_answer(answer, "jobId");
    if (id.empty()) throw Error{Exit::bad_input, "AWS Batch answered without a jobId"};
    return id;
}

std::string list_body(std::string_view queue, std::string_view name) {
    return Json{{"jobQueue", queue},
                {"filters", Json::array({{{"name", "JOB_NAME"}, {"values", {name}}}})}}
        .dump();
}

std::optional<std::string> listed_id(std::string_view answer) {
    const Json json = joblog::parse_json<Json>(answer);
    const Json& jobs = member_at(json, "jobSummaryList");
    if (!jobs.is_array() || jobs.empty()) return std::nullopt;
    return text_at(jobs.front(), "jobId");
}

std::string describe_body(const std::vector<std::string>& ids) {
    return Json{{"jobs", ids}}.dump();
}

std::string terminate_body(std::string_view id, std::string_view reason) {
    return Json{{"jobId", id}, {"reason", reason}}.dump();
}

std::vector<JobState> parse_jobs(std::string_view text, std::string_view place) {
    const Json json = joblog::parse_json<Json>(text);
    if (json.is_discarded())
        throw Error{Exit::bad_input, fmt::format("{}: no JSON", place),
                    "expected events of EventBridge or answers of DescribeJobs, one a line"};
    std::vector<JobState> jobs;
    collect_jobs(with_small_keys(json), jobs, 0);
    return jobs;
}

std::vector<JobState> parse_documents(std::string_view text, std::string_view place) {
    if (Json::accept(text)) return parse_jobs(text, place);
    std::vector<JobState> jobs;
    int number = 0;
    for (const auto line : split(text, '\n')) {
        ++number;
        if (trim(line).empty()) continue;
        auto some = parse_jobs(line, fmt::format("{} line {}", place, number));
        std::ranges::move(some, std::back_inserter(jobs));
    }
    return jobs;
}

}  // namespace hls::retry
