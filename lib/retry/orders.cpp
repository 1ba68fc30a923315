// SPDX-License-Identifier: Apache-2.0
#include "retry/orders.hpp"

#include <algorithm>
#include <set>

#include "core/error.hpp"
#include "joblog/claim.hpp"
#include "joblog/gate.hpp"
#include "joblog/intake.hpp"

namespace hls::retry {
namespace {

using joblog::Unit;

constexpr int kRequestPriority = 10;

std::string_view target_of(Order order, const Unit& unit) {
    const std::string_view state = unit.state;
    switch (order) {
        case Order::request:
        case Order::redrive:
            return state == "claimed" || state == "ready" || state == "wait" ? "" : "ready";
        case Order::hold:
            return state == "wait" || state == "ready" || state == "retry" || state == "claimed"
                       ? "held"
                       : "";
        case Order::release:
            return state == "held" ? "ready" : "";
        case Order::cancel:
            return state == "done" || state == "cancelled" || state == "superseded" ? ""
                                                                                    : "cancelled";
    }
    return "";
}

std::string_view word_of(Order order) {
    switch (order) {
        case Order::request:
            return "requested";
        case Order::redrive:
            return "redriven";
        case Order::hold:
            return "on_hold";
        case Order::release:
            return "released";
        case Order::cancel:
            return "cancelled";
    }
    return "";
}

void refresh_budgets(joblog::Change& change, const Unit& unit, bool resources_too) {
    change.connection()
        .prepare(
            "UPDATE unit SET n_infra=0, n_resource=0, n_source=0, n_code=0, n_wait=0, "
            "not_before=NULL, mem_factor=CASE WHEN ?2 THEN 1 ELSE mem_factor END, "
            "time_factor=CASE WHEN ?2 THEN 1 ELSE time_factor END WHERE id=?1")
        .bind(unit.id, resources_too)
        .run();
}

void raise_priority(joblog::Change& change, const Unit& unit, int priority) {
    change.connection()
        .prepare("UPDATE unit SET priority=min(priority,?2) WHERE id=?1")
        .bind(unit.id, priority < 0 ? kRequestPriority : priority)
        .run();
}

}  // namespace

int give_order(joblog::Change& change, Order order, const std::vector<Unit>& units,
               const OrderOptions& options, const std::function<void(const OrderedUnit&)>& body) {
    int moved = 0;
    for (const Unit& given : units) {
        const Unit unit = *joblog::find_unit(change.connection(), given.id);
        if (order == Order::request) raise_priority(change, unit, options.priority);
        const std::string_view target = target_of(order, unit);
        if (target.empty()) continue;
        if (target == "ready") {
            refresh_budgets(change, unit, order == Order::redrive);
            joblog::choose_input_again(change, unit);
        }
        const std::string reason =
            options.note.empty() ? std::string(word_of(order)) : options.note;
        joblog::move_unit(change, unit, target, reason);
        // Ready means that its inputs are there, which may not be so.
        if (target == "ready")
            joblog::settle(change, *joblog::find_unit(change.connection(), unit.id));
        const Unit now = *joblog::find_unit(change.connection(), unit.id);
        body({unit.key, unit.state, now.state});
        ++moved;
    }
    return moved;
}

std::vector<Unit> with_earlier_stages(store::Connection& connection, const std::vector<Unit>& units,
                                      std::string_view from_stage) {
    const auto& stages = joblog::stage_names();
    const auto rank = [&](std::string_view stage) {
        return std::ranges::find(stages, stage) - stages.begin();
    };
    std::set<std::int64_t> seen;
    std::vector<Unit> found, left = units;
    while (!left.empty()) {
        const Unit unit = left.back();
        left.pop_back();
        if (!seen.insert(unit.id).second) continue;
        found.push_back(unit);
        auto rows = connection.prepare(
            "SELECT u.id FROM dependency d JOIN unit u ON u.ukey=d.need_key WHERE d.unit_id=?");
        rows.bind(unit.id);
        while (rows.step()) {
            auto earlier = joblog::find_unit(connection, rows.integer(0));
            if (earlier && rank(earlier->stage) >= rank(from_stage))
                left.push_back(*std::move(earlier));
        }
    }
    std::ranges::stable_sort(found, {}, [&](const Unit& unit) { return rank(unit.stage); });
    return found;
}

}  // namespace hls::retry
