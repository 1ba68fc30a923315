// SPDX-License-Identifier: Apache-2.0
#include "retry/batch_queue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "core/cancel.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/ulid.hpp"

namespace hls::retry {
namespace {

using joblog::Change;
using joblog::Unit;

constexpr joblog::seconds kSubmitLease{900};  // until the job is known
constexpr int kLossesBeforeOnDemand = 2;
constexpr std::size_t kJobsPerDescribe = 100;
constexpr int kMostChildren = 10'000;

struct Chunk {
    std::vector<Unit> units;
    std::vector<WorkItem> items;
    std::string queue;
};

int count_active(store::Connection& connection) {
    return static_cast<int>(connection.query_int(
        "SELECT count(*) FROM unit INDEXED BY unit_lease WHERE state='claimed' AND "
        "backend='batch'"));
}

// Children of one array share their memory, time and queue.
std::vector<Chunk> make_chunks(store::Connection& connection, const std::vector<Unit>& units,
                               const SubmitOptions& options) {
    using Kind = std::tuple<std::string, double, double, bool>;
    std::map<Kind, Chunk> open;
    std::vector<Chunk> chunks;
    for (const Unit& unit : units) {
        const bool on_demand =
            !options.on_demand_queue.empty() && unit.n_infra >= kLossesBeforeOnDemand;
        auto& chunk = open[{unit.stage, unit.mem_factor, unit.time_factor, on_demand}];
        chunk.queue = on_demand ? options.on_demand_queue : options.queue;
        chunk.items.push_back(
            make_item(connection, unit, options.command, options.limits, options.expected_outputs));
        chunk.units.push_back(unit);
        if (chunk.units.size() < static_cast<std::size_t>(options.array_size)) continue;
        chunks.push_back(std::move(chunk));
        chunk = {};
    }
    for (auto& [kind, chunk] : open)
        if (!chunk.units.empty()) chunks.push_back(std::move(chunk));
    return chunks;
}

// Overrides are given only where a unit needs more than its job definition says.
BatchJob job_of(const Chunk& chunk, const SubmitOptions& options, const std::string& name) {
    const Unit& unit = chunk.units.front();
    BatchJob job;
    job.name = name;
    job.queue = chunk.queue;
    job.definition = options.definition;
    job.size = static_cast<int>(chunk.units.size());
    job.items = fmt::format("{}/{}.ndjson", options.items, name);
    job.spool = options.spool;
    job.stage = unit.stage;
    job.track = unit.track;
    if (unit.mem_factor > 1) job.limits.memory_mb = chunk.items.front().limits.memory_mb;
    if (unit.time_factor > 1) job.limits.time_s = chunk.items.front().limits.time_s;
    return job;
}

// SubmitJob knows no token that makes it safe to repeat. When its answer got lost, the name of the
// job, which holds an id of ours, says whether it arrived. `may_run` tells, also after an
// exception, whether the job may be there.
std::string submit_job(const BatchJob& job, const BatchService& service, bool& may_run) {
    constexpr int kTries = 3;
    for (int attempt = 1;; ++attempt) {
        may_run = true;
        try {
            return submitted_id(service.call("/v1/submitjob", submit_body(job), false));
        } catch (const Error& error) {
            may_run = error.code != Exit::permission && error.code != Exit::usage &&
                      error.code != Exit::unavailable;
            if (error.code != Exit::temporary) throw;
            const auto found =
                listed_id(service.call("/v1/listjobs", list_body(job.queue, job.name), true));
            if (found) return *found;
            may_run = false;
            if (attempt == kTries) throw;
            log_warning("{}: {}; not submitted, again", job.name, error.message);
        }
    }
}

void keep_job(joblog::JobLog& log, const Chunk& chunk, const std::string& id,
              const SubmitOptions& options) {
    Change change(log, utc_now(), options.claim.owner);
    const auto lease_until = joblog::timestamp(change.time() + options.claim.lease);
    for (std::size_t i = 0; i < chunk.units.size(); ++i)
        log.connection()
            .prepare(
                "UPDATE unit SET job=?3, lease_until=?4 WHERE id=?1 AND state='claimed' AND "
                "lease_seq=?2")
            .bind(chunk.units[i].id, chunk.units[i].lease_seq,
                  chunk.units.size() == 1 ? id : fmt::format("{}:{}", id, i), lease_until)
            .run();
    change.commit();
}

void give_back(joblog::JobLog& log, const std::vector<Chunk>& chunks, std::size_t first,
               const std::string& owner) {
    Change change(log, utc_now(), owner);
    for (std::size_t i = first; i < chunks.size(); ++i)
        for (const Unit& unit : chunks[i].units) joblog::release_claim(change, unit);
    change.commit();
}

std::vector<Chunk> claim_chunks(joblog::JobLog& log, const SubmitOptions& options, int room) {
    auto request = options.claim;
    request.count = std::min(request.count, room);
    request.lease = kSubmitLease;
    request.backend = "batch";
    Change change(log, utc_now(), request.owner);
    const auto units = joblog::claim_units(change, request);
    auto chunks = make_chunks(log.connection(), units, options);
    change.commit();
    return chunks;
}

}  // namespace

SubmitReport submit_batch(joblog::JobLog& log, const SubmitOptions& options,
                          const BatchService& service) {
    if (options.array_size < 1 || options.array_size > kMostChildren)
        throw Error{Exit::usage, fmt::format("an array job has 1 to {} children", kMostChildren)};
    SubmitReport report;
    report.active = count_active(log.connection());
    const int room = options.max_active - report.active;
    if (room <= 0) return report;
    const auto chunks = claim_chunks(log, options, room);
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        bool may_run = false;
        try {
            throw_if_cancelled();
            if (i > 0) service.sleep(std::chrono::duration<double>(1 / options.rate));
            const auto name = fmt::format("hls-{}-{}", chunks[i].units.front().stage, new_ulid());
            const BatchJob job = job_of(chunks[i], options, name);
            std::string items;
            for (const auto& item : chunks[i].items) items += item_line(item) + '\n';
            service.write(job.items, items);
            keep_job(log, chunks[i], submit_job(job, service, may_run), options);
        } catch (...) {
            // A job that may run keeps its units until its records are here or the lease is over.
            give_back(log, chunks, may_run ? i + 1 : i, options.claim.owner);
            throw;
        }
        ++report.jobs;
        report.units += static_cast<int>(chunks[i].units.size());
    }
    return report;
}

CollectReport apply_jobs(joblog::JobLog& log, const std::vector<JobState>& jobs,
                         joblog::seconds lease) {
    CollectReport report;
    Change change(log, utc_now(), joblog::this_process());
    for (const JobState& job : jobs) {
        if (job.array_parent) continue;  // its children speak for themselves
        auto row =
            log.connection().prepare("SELECT ukey FROM unit WHERE job=? AND state='claimed'");
        if (!row.bind(job.id).step()) {
            ++report.foreign;
            continue;
        }
        const Unit unit = joblog::require_unit(log.connection(), row.text(0));
        if (job.status != "SUCCEEDED" && job.status != "FAILED") {
            joblog::renew_lease(change, unit, lease);
            ++report.running;
            continue;
        }
        const joblog::SchedulerReport told{
            unit.lease_run, unit.key,     unit.lease_seq, job.exit_code, job.reason,
            job.id,         job.document, job.started_at, job.ended_at,  job.log_stream};
        joblog::apply_scheduler_report(change, told);
        ++report.ended;
    }
    change.commit();
    return report;
}

CollectReport poll_batch(joblog::JobLog& log, const BatchService& service, joblog::seconds lease) {
    std::vector<std::string> ids;
    {
        auto rows = log.connection().prepare(
            "SELECT job FROM unit INDEXED BY unit_lease WHERE state='claimed' AND "
            "backend='batch' AND job IS NOT NULL");
        while (rows.step()) ids.push_back(rows.text(0));
    }
    CollectReport total;
    for (std::size_t i = 0; i < ids.size(); i += kJobsPerDescribe) {
        throw_if_cancelled();
        const auto first = ids.begin() + static_cast<std::ptrdiff_t>(i);
        const auto last =
            ids.begin() + static_cast<std::ptrdiff_t>(std::min(ids.size(), i + kJobsPerDescribe));
        const auto answer = service.call("/v1/describejobs", describe_body({first, last}), true);
        const auto part = apply_jobs(log, parse_jobs(answer, "DescribeJobs"), lease);
        total.ended += part.ended;
        total.running += part.running;
        total.foreign += part.foreign;
    }
    return total;
}

}  // namespace hls::retry
