// SPDX-License-Identifier: Apache-2.0
#include "joblog/claim.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/ulid.hpp"
#include "joblog/finish.hpp"
#include "joblog/gate.hpp"

namespace hls::joblog {
namespace {

std::vector<Unit> all_units(store::Statement& rows) {
    std::vector<Unit> units;
    while (rows.step()) units.push_back(read_unit(rows));
    return units;
}

// Walks the index of ready units, stage by stage, in its order.
class DueUnits {
 public:
    explicit DueUnits(store::Connection& connection)
        : rows_(connection.prepare(fmt::format(
              "SELECT {} FROM unit INDEXED BY unit_ready WHERE state='ready' AND stage=? AND "
              "(not_before IS NULL OR not_before<=?) ORDER BY priority, acq_date DESC, id LIMIT ?",
              kUnitColumns))) {}

    std::vector<Unit> of_stage(std::string_view stage, int count, UtcTime now) {
        rows_.reset();
        rows_.bind(stage, timestamp(now), count);
        return all_units(rows_);
    }

 private:
    store::Statement rows_;
};

bool goes_before(const Unit& a, const Unit& b) {
    if (a.priority != b.priority) return a.priority < b.priority;
    if (a.acq_date != b.acq_date) return a.acq_date > b.acq_date;
    return a.id < b.id;
}

// Takes units one after another with statements that are prepared once.
class Taker {
 public:
    Taker(Change& change, const ClaimRequest& request)
        : change_(change),
          request_(request),
          inputs_(change.connection()),
          update_(change.connection().prepare(
              "UPDATE unit SET state='claimed', reason=?2, lease_seq=?3, lease_run=?4, "
              "lease_owner=?5, lease_since=?6, lease_until=?7, backend=?2, job=NULL, input_fp=?8, "
              "not_before=NULL, changed_at=?6, changed_by=?9 WHERE id=?1")) {}

    void take(Unit& unit) {
        unit.lease_run = new_ulid();
        ++unit.lease_seq;
        unit.state = "claimed";
        unit.reason = unit.backend = request_.backend;
        unit.lease_owner = request_.owner;
        unit.lease_since = change_.now();
        unit.lease_until = timestamp(change_.time() + request_.lease);
        unit.input_fp = inputs_.of(unit);
        update_.reset();
        update_
            .bind(unit.id, request_.backend, unit.lease_seq, unit.lease_run, unit.lease_owner,
                  unit.lease_since, unit.lease_until, unit.input_fp, change_.actor())
            .run();
    }

 private:
    Change& change_;
    const ClaimRequest& request_;
    InputFingerprints inputs_;
    store::Statement update_;
};

}  // namespace

const std::vector<std::string>& stage_names() {
    static const std::vector<std::string> kNames{"aux",  "fetch", "mask",    "ac",  "s30",
                                                 "tile", "chip",  "deliver", "zarr"};
    return kNames;
}

void require_stage(std::string_view stage) {
    if (std::ranges::find(stage_names(), stage) != stage_names().end()) return;
    throw Error{Exit::usage, fmt::format("no stage {}", stage),
                fmt::format("stages are {}", fmt::join(stage_names(), ", "))};
}

std::vector<Unit> due_units(store::Connection& connection, const ClaimRequest& request,
                            UtcTime now) {
    if (!request.key.empty()) {
        Unit unit = require_unit(connection, request.key);
        const bool due = unit.state == "ready" && unit.not_before <= timestamp(now);
        return due ? std::vector{std::move(unit)} : std::vector<Unit>{};
    }
    const auto& stages = request.stages.empty() ? stage_names() : request.stages;
    std::vector<Unit> units;
    DueUnits due(connection);
    for (const auto& stage : stages)
        std::ranges::move(due.of_stage(stage, request.count, now), std::back_inserter(units));
    if (stages.size() > 1) std::ranges::stable_sort(units, goes_before);
    if (units.size() > static_cast<std::size_t>(request.count))
        units.resize(static_cast<std::size_t>(request.count));
    return units;
}

std::vector<Unit> claim_units(Change& change, const ClaimRequest& request) {
    wake(change);
    auto units = due_units(change.connection(), request, change.time());
    Taker taker(change, request);
    for (Unit& unit : units) taker.take(unit);
    return units;
}

bool renew_lease(Change& change, const Unit& unit, seconds lease) {
    change.connection()
        .prepare("UPDATE unit SET lease_until=?3 WHERE id=?1 AND state='claimed' AND lease_seq=?2")
        .bind(unit.id, unit.lease_seq, timestamp(change.time() + lease))
        .run();
    return change.connection().changes() == 1;
}

void release_claim(Change& change, const Unit& unit) {
    const auto now = find_unit(change.connection(), unit.id);
    if (now && now->state == "claimed" && now->lease_seq == unit.lease_seq)
        move_unit(change, *now, "ready", "released");
}

Woken wake(Change& change) {
    auto& connection = change.connection();
    Woken woken;
    const auto units_where = [&](std::string_view index, std::string_view condition) {
        auto rows = connection.prepare(fmt::format("SELECT {} FROM unit INDEXED BY {} WHERE {}",
                                                   kUnitColumns, index, condition));
        rows.bind(change.now());
        return all_units(rows);
    };
    for (const Unit& unit : units_where("unit_lease", "state='claimed' AND lease_until<?")) {
        apply_lost_lease(change, unit);
        ++woken.expired;
    }
    for (const Unit& unit : units_where("unit_retry", "state='retry' AND not_before<=?")) {
        move_unit(change, unit, "ready", unit.reason);
        ++woken.retried;
    }
    for (const Unit& unit :
         units_where("unit_deadline", "state='wait' AND deadline IS NOT NULL AND deadline<=?")) {
        settle(change, unit);
        ++woken.closed;
    }
    return woken;
}

}  // namespace hls::joblog
