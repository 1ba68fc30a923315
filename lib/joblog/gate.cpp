// SPDX-License-Identifier: Apache-2.0
#include "joblog/gate.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace hls::joblog {
namespace {

struct Needs {
    int needs = 0, members = 0;
    int needs_unknown = 0, needs_failed = 0, needs_gone = 0;
    int members_unknown = 0, members_done = 0;
    double unknown_percent = 0;
};

Needs look_at_needs(store::Connection& connection, const Unit& unit) {
    Needs result;
    auto rows = connection.prepare("SELECT gate, verdict, weight FROM dependency WHERE unit_id=?");
    rows.bind(unit.id);
    while (rows.step()) {
        const auto verdict = rows.view(1);
        if (rows.view(0) == "need") {
            ++result.needs;
            result.needs_unknown += verdict == "unknown";
            result.needs_failed += verdict == "failed";
            result.needs_gone += verdict == "skipped" || verdict == "absent";
            continue;
        }
        ++result.members;
        result.members_done += verdict == "done";
        if (verdict != "unknown") continue;
        ++result.members_unknown;
        result.unknown_percent += rows.is_null(2) ? 100 : rows.real(2);
    }
    return result;
}

struct Target {
    std::string_view state;
    std::string_view reason;
};

Target target_of(const Change& change, const Unit& unit, const Needs& needs,
                 const Settings& settings) {
    if (needs.needs_gone > 0) return {"skipped", "input_skipped"};
    if (needs.needs_failed > 0) return {"wait", "input_held"};
    if (needs.needs_unknown > 0) return {"wait", "inputs"};
    if (needs.members == 0) return {"ready", needs.needs > 0 ? "inputs_done" : "new"};
    const bool overdue = !unit.deadline.empty() && unit.deadline <= change.now();
    const bool tiny =
        needs.members_done > 0 && needs.unknown_percent < settings.tiny_overlap_percent;
    if (needs.members_unknown > 0 && !overdue && !tiny) return {"wait", "scenes"};
    if (needs.members_done == 0) return {"skipped", "no_scene"};
    if (needs.members_done == needs.members) return {"ready", "complete"};
    return {"ready", needs.members_unknown > 0 ? "partial" : "settled"};
}

// A product made earlier, whose inputs may have changed since. Only a new input counts: one that is
// being made again leaves the product as it is until that is done.
void settle_finished(Change& change, const Unit& unit, const Target& target) {
    if (target.state == "wait" || target.state == "skipped") {
        // Members that come after no_scene wait for their neighbours like any others.
        if (unit.state == "skipped" && unit.reason != target.reason && target.state == "wait" &&
            (unit.reason == "no_scene" || unit.reason == "input_skipped"))
            move_unit(change, unit, "wait", target.reason);
        return;
    }
    const bool never_ran = unit.reason == "no_scene" || unit.reason == "input_skipped";
    if (unit.state == "skipped" && never_ran)
        return move_unit(change, unit, "ready", target.reason);
    if (unit.input_fp.empty() || !change.log().settings().upgrade) return;
    if (input_fingerprint(change.connection(), unit) != unit.input_fp)
        move_unit(change, unit, "ready", "upgrade");
}

std::string_view verdict_of(std::string_view state) {
    if (state == "done" || state == "skipped") return state;
    if (state == "held") return "failed";
    if (state == "cancelled" || state == "superseded") return "absent";
    return "unknown";
}

}  // namespace

void settle(Change& change, const Unit& unit) {
    const bool waits = unit.state == "wait" || unit.state == "ready";
    const bool finished = unit.state == "done" || unit.state == "skipped";
    if (!waits && !finished) return;
    const Needs needs = look_at_needs(change.connection(), unit);
    const Target target = target_of(change, unit, needs, change.log().settings());
    if (finished) return settle_finished(change, unit, target);
    // What made it ready stays said, as in "upgrade" or "requested".
    if (unit.state == "ready" && target.state == "ready") return;
    move_unit(change, unit, target.state, target.reason);
}

void settle_dependents(Change& change, std::string_view key) {
    auto& connection = change.connection();
    const auto needed = find_unit(connection, key);
    if (!needed) return;
    auto update =
        connection.prepare("UPDATE dependency SET verdict=?2 WHERE need_key=?1 RETURNING unit_id");
    update.bind(key, verdict_of(needed->state));
    std::vector<std::int64_t> dependents;
    while (update.step()) dependents.push_back(update.integer(0));
    for (const auto id : dependents)
        if (auto unit = find_unit(connection, id)) settle(change, *std::move(unit));
}

void refresh_needs(Change& change, const Unit& unit) {
    auto& connection = change.connection();
    auto rows = connection.prepare(
        "SELECT d.need_key, u.state FROM dependency d JOIN unit u ON u.ukey=d.need_key "
        "WHERE d.unit_id=?");
    rows.bind(unit.id);
    std::vector<std::pair<std::string, std::string>> found;
    while (rows.step()) found.emplace_back(rows.text(0), rows.text(1));
    auto update =
        connection.prepare("UPDATE dependency SET verdict=?3 WHERE unit_id=?1 AND need_key=?2");
    for (const auto& [key, state] : found) {
        update.reset();
        update.bind(unit.id, key, verdict_of(state)).run();
    }
    settle(change, unit);
}

InputFingerprints::InputFingerprints(store::Connection& connection)
    : rows_(connection.prepare(
          "SELECT d.need_key, u.output_fp FROM dependency d JOIN unit u ON u.ukey=d.need_key "
          "WHERE d.unit_id=? AND d.verdict IN ('done','unknown') AND u.output_fp IS NOT NULL "
          "ORDER BY d.seq")) {}

std::string InputFingerprints::of(const Unit& unit) {
    rows_.reset();
    rows_.bind(unit.id);
    std::string text;
    while (rows_.step()) text += fmt::format("{}={};", rows_.view(0), rows_.view(1));
    return text;
}

std::string input_fingerprint(store::Connection& connection, const Unit& unit) {
    return InputFingerprints(connection).of(unit);
}

}  // namespace hls::joblog
