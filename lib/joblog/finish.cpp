// SPDX-License-Identifier: Apache-2.0
#include "joblog/finish.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "granule/hls.hpp"
#include "joblog/gate.hpp"

namespace hls::joblog {
namespace {

constexpr seconds kRecordGrace{900};  // from the end of a job until its record should be here
constexpr seconds kLongestRetryAfter{30 * 86400};  // some servers name absurd times

struct Outcome {
    Verdict verdict;
    std::optional<int> exit_code;
    std::optional<UtcTime> retry_at;
    const ResultRecord* record = nullptr;
};

std::optional<std::string> given(std::string_view text) {
    return text.empty() ? std::nullopt : std::optional(std::string(text));
}

double random_fraction() {
    thread_local std::mt19937 random(std::random_device{}());
    return std::uniform_real_distribution<>()(random);
}

int& counter_of(Unit& unit, ExitClass klass) {
    switch (klass) {
        case ExitClass::infra:
            return unit.n_infra;
        case ExitClass::resource:
            return unit.n_resource;
        case ExitClass::source:
            return unit.n_source;
        case ExitClass::wait:
            return unit.n_wait;
        default:
            return unit.n_code;
    }
}

void keep_counters(Change& change, const Unit& unit, const Outcome& outcome) {
    change.connection()
        .prepare(
            "UPDATE unit SET n_infra=?2, n_resource=?3, n_source=?4, n_code=?5, n_wait=?6, "
            "n_run=n_run+1, mem_factor=?7, time_factor=?8, exit_code=?9, exit_class=?10, "
            "lease_owner=NULL, lease_until=NULL, job=NULL WHERE id=?1")
        .bind(unit.id, unit.n_infra, unit.n_resource, unit.n_source, unit.n_code, unit.n_wait,
              unit.mem_factor, unit.time_factor, outcome.exit_code,
              exit_class_name(outcome.verdict.klass))
        .run();
}

// The last part of the address that is one; twins have a folder of their own below it.
std::string hls_id_of(const std::string& uri) {
    const auto parts = split(uri, '/');
    for (auto part = parts.rbegin(); part != parts.rend(); ++part)
        if (granule::parse_hls_id(*part)) return std::string(*part);
    return {};
}

// The first run names the product for good: hls_id stays once it is there.
void keep_products(Change& change, const Unit& unit, const ResultRecord& record) {
    const std::string uri = record.output_uri(), id = hls_id_of(uri);
    change.connection()
        .prepare(
            "UPDATE unit SET output_uri=?2, output_fp=?3, hls_id=coalesce(hls_id,?4) "
            "WHERE id=?1")
        .bind(unit.id, uri, record.output_fingerprint(),
              id.empty() ? std::nullopt : std::optional(id))
        .run();
    if (unit.stage == "aux")
        for (const auto& output : record.outputs) {
            const auto name = output.path.substr(output.path.rfind('/') + 1);
            change.connection()
                .prepare("INSERT OR REPLACE INTO ancillary_day VALUES(?,?,?,?,?)")
                .bind(name.substr(0, name.find('.')), unit.acq_date, output.path, output.sha256,
                      change.now())
                .run();
        }
    if (unit.stage == "deliver")
        change.connection()
            .prepare(
                "INSERT OR IGNORE INTO delivery(unit_id,product_id,identifier,manifest_uri,"
                "sent_at) VALUES(?,?,?,?,?)")
            .bind(unit.id, id.empty() ? unit.key : id, record.run_id,
                  record.manifest.empty() ? uri : record.manifest, change.now())
            .run();
}

void finish_done(Change& change, const Unit& unit, const ResultRecord& record) {
    keep_products(change, unit, record);
    Unit now = *find_unit(change.connection(), unit.id);
    move_unit(change, now, "done", "ok");
    // Scenes that came while it ran.
    now = *find_unit(change.connection(), unit.id);
    settle(change, now);
}

void retry_at(Change& change, const Unit& unit, const Outcome& outcome, UtcTime when) {
    if (outcome.retry_at)
        when = std::max(when, std::min(*outcome.retry_at, change.time() + kLongestRetryAfter));
    change.connection()
        .prepare("UPDATE unit SET not_before=? WHERE id=?")
        .bind(timestamp(when), unit.id)
        .run();
    // A unit that nobody held stays ready, only not before then.
    const bool waits = when > change.time() && unit.state != "ready";
    move_unit(change, unit, waits ? "retry" : "ready", outcome.verdict.reason);
}

bool waited_too_long(Change& change, const Unit& unit) {
    auto row = change.connection().prepare(
        "SELECT min(ended_at) FROM attempt WHERE unit_id=? AND exit_class='wait'");
    row.bind(unit.id);
    if (!row.step() || row.is_null(0)) return false;
    const auto deadline = change.log().settings().budgets.wait_deadline;
    return parse_utc(row.text(0)) + deadline <= change.time();
}

// A broken copy is fetched again, if fetching is a unit of this log; true if it is.
bool refetch(Change& change, const Unit& unit) {
    auto row = change.connection().prepare(
        "SELECT need_key FROM dependency WHERE unit_id=? AND need_key LIKE 'fetch:%'");
    row.bind(unit.id);
    if (!row.step()) return false;
    const auto fetch = find_unit(change.connection(), row.text(0));
    if (!fetch || fetch->state != "done") return false;
    move_unit(change, unit, "wait", "inputs");
    move_unit(change, *fetch, "ready", "refetch");
    return true;
}

void finish_failed(Change& change, Unit unit, const Outcome& outcome) {
    const ExitClass klass = outcome.verdict.klass;
    const auto& budgets = change.log().settings().budgets;
    const int failures = counter_of(unit, klass);
    const bool used_up =
        klass == ExitClass::wait ? waited_too_long(change, unit) : failures >= budgets.of(klass);
    if (used_up) return move_unit(change, unit, "held", outcome.verdict.reason);
    if (klass == ExitClass::source && refetch(change, unit)) return;
    retry_at(change, unit, outcome,
             change.time() +
                 backoff(outcome.verdict, {failures, random_fraction(), budgets.infra_wait}));
}

void conclude(Change& change, Unit unit, const Outcome& outcome) {
    const ExitClass klass = outcome.verdict.klass;
    const bool failed = klass != ExitClass::ok && klass != ExitClass::expected &&
                        klass != ExitClass::config && klass != ExitClass::cancelled;
    if (failed) {
        ++counter_of(unit, klass);
        const Factors factors = raised(outcome.verdict, {unit.mem_factor, unit.time_factor});
        unit.mem_factor = factors.memory;
        unit.time_factor = factors.time;
    }
    keep_counters(change, unit, outcome);
    switch (klass) {
        case ExitClass::ok:
            return finish_done(change, unit, *outcome.record);
        case ExitClass::expected:
            return move_unit(change, unit, "skipped", outcome.verdict.reason);
        case ExitClass::config:
            return move_unit(change, unit, "held", outcome.verdict.reason);
        case ExitClass::cancelled:
            return move_unit(change, unit, "cancelled", outcome.verdict.reason);
        default:
            return finish_failed(change, unit, outcome);
    }
}

struct AttemptRow {
    std::string_view evidence;
    bool stale = false;
    Outcome outcome;
    std::string_view job{}, jobinfo{}, started_at{}, ended_at{}, log_uri{}, message{};
};

void keep_attempt(Change& change, const Unit& unit, std::string_view run_id,
                  std::optional<std::int64_t> seq, const AttemptRow& row) {
    const ResultRecord none;
    const ResultRecord& record = row.outcome.record != nullptr ? *row.outcome.record : none;
    change.connection()
        .prepare(
            "INSERT INTO attempt(unit_id,seq,run_id,evidence,stale,backend,job,host,"
            "started_at,ended_at,exit_code,exit_class,reason,message,wall_s,user_s,sys_s,"
            "rss_mb,tool,tool_version,argv,log_uri,detail,jobinfo) "
            "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
        .bind(unit.id, seq, run_id, row.evidence, row.stale, given(unit.backend),
              given(record.job.empty() ? row.job : std::string_view(record.job)),
              given(record.host), given(row.started_at),
              row.ended_at.empty() ? change.now() : std::string(row.ended_at),
              row.outcome.exit_code, exit_class_name(row.outcome.verdict.klass),
              row.outcome.verdict.reason, given(row.message), record.wall_s, record.user_s,
              record.sys_s, record.rss_mb, given(record.tool), given(record.version),
              given(record.argv), given(row.log_uri), given(record.detail), given(row.jobinfo))
        .run();
}

bool known(Change& change, std::string_view run_id, std::string_view evidence) {
    auto row = change.connection().prepare("SELECT 1 FROM attempt WHERE run_id=? AND evidence=?");
    return row.bind(run_id, evidence).step();
}

// Records of tools that were run by hand name the product they made rather than our unit.
Unit unit_of(Change& change, const std::string& name) {
    auto& connection = change.connection();
    if (auto unit = find_unit(connection, name)) return *std::move(unit);
    auto row = connection.prepare(
        "SELECT unit_key FROM product WHERE product_id=?1 UNION ALL "
        "SELECT ukey FROM unit WHERE hls_id=?1 AND stage IN ('tile','s30')");
    row.bind(name);
    if (row.step()) return require_unit(connection, row.text(0));
    return require_unit(connection, name);
}

enum class Standing { current, stale };

// Whether what is told of a run still matters. Throws for runs that never were.
Standing standing_of(Change& change, const Unit& unit, std::string_view run_id,
                     std::optional<std::int64_t> seq) {
    const bool open = unit.state != "cancelled" && unit.state != "superseded";
    if (!seq) return open && unit.state != "claimed" ? Standing::current : Standing::stale;
    if (*seq < unit.lease_seq) return Standing::stale;
    if (*seq > unit.lease_seq || unit.lease_run != run_id)
        throw Error{Exit::bad_input,
                    fmt::format("record of run {} (attempt {}) of {}, which never began: the last "
                                "is attempt {}",
                                run_id, *seq, unit.key, unit.lease_seq),
                    "is it of another log?"};
    if (unit.state == "claimed") return Standing::current;
    // The lease ran out, or the scheduler spoke first; nobody has taken over yet.
    const bool weaker = known(change, run_id, "lease") || known(change, run_id, "scheduler");
    return open && weaker && unit.state != "done" ? Standing::current : Standing::stale;
}

// Of a unit that nobody holds only good news counts, and failures while it is to be run: what was
// tried by hand, or is heard of late, undoes nothing and opens no gate.
bool changes_unit(const Unit& unit, Standing standing, ExitClass klass) {
    if (standing == Standing::stale) return false;
    if (unit.state == "claimed" || klass == ExitClass::ok) return true;
    if (klass == ExitClass::expected) return unit.state != "done";
    return unit.state == "ready" || unit.state == "retry";
}

}  // namespace

Applied apply_record(Change& change, const ResultRecord& record) {
    if (known(change, record.run_id, "record")) return Applied::duplicate;
    const Unit unit = unit_of(change, record.unit);
    const Standing standing = standing_of(change, unit, record.run_id, record.seq);
    Outcome outcome{classify({record.exit_code, record.scheduler_reason}), record.exit_code,
                    record.retry_at, &record};
    if (outcome.verdict.klass == ExitClass::ok && record.outputs.empty())
        outcome.verdict = {ExitClass::code, "no_record"};
    const bool counts = changes_unit(unit, standing, outcome.verdict.klass);
    keep_attempt(change, unit, record.run_id, record.seq,
                 {"record",
                  !counts,
                  outcome,
                  record.job,
                  {},
                  record.t0,
                  record.t1,
                  record.log_uri,
                  record.message});
    if (!counts) return Applied::stale;
    conclude(change, unit, outcome);
    return Applied::applied;
}

Applied apply_scheduler_report(Change& change, const SchedulerReport& report) {
    if (known(change, report.run_id, "record") || known(change, report.run_id, "scheduler"))
        return Applied::duplicate;
    const Unit unit = require_unit(change.connection(), report.unit);
    const Standing standing = standing_of(change, unit, report.run_id, report.seq);
    Outcome outcome{classify({report.exit_code, report.reason}), report.exit_code, {}, nullptr};
    if (outcome.verdict.klass == ExitClass::ok) {
        // Only the record proves a product. It may still be under way.
        change.connection()
            .prepare(
                "UPDATE unit SET lease_until=min(lease_until,?2) WHERE id=?1 AND "
                "state='claimed' AND lease_seq=?3")
            .bind(unit.id, timestamp(change.time() + kRecordGrace), report.seq)
            .run();
        return Applied::stale;
    }
    const bool counts = changes_unit(unit, standing, outcome.verdict.klass);
    keep_attempt(change, unit, report.run_id, report.seq,
                 {"scheduler", !counts, outcome, report.job, report.jobinfo, report.started_at,
                  report.ended_at, report.log_uri, report.reason});
    if (!counts) return Applied::stale;
    conclude(change, unit, outcome);
    return Applied::applied;
}

void apply_lost_lease(Change& change, const Unit& unit) {
    const Outcome outcome{{ExitClass::infra, "lease_lost"}, std::nullopt, {}, nullptr};
    keep_attempt(change, unit, unit.lease_run, unit.lease_seq,
                 {"lease",
                  false,
                  outcome,
                  unit.job,
                  {},
                  unit.lease_since,
                  {},
                  {},
                  fmt::format("nothing heard of {}", unit.lease_owner)});
    conclude(change, unit, outcome);
}

}  // namespace hls::joblog
