// SPDX-License-Identifier: Apache-2.0
#include "joblog/audit.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <set>

#include "core/escape.hpp"

namespace hls::joblog {
namespace {

// Follows the chain of what is needed to the unit that does not move.
std::string blocker_of(store::Connection& connection, const Unit& unit) {
    if (unit.state != "wait") return {};
    auto rows = connection.prepare(
        "SELECT d.need_key, u.state FROM dependency d LEFT JOIN unit u ON u.ukey=d.need_key "
        "WHERE d.unit_id=? AND d.verdict IN ('unknown','failed') ORDER BY u.state='held' DESC, "
        "d.seq LIMIT 1");
    if (!rows.bind(unit.id).step()) return {};
    const std::string key = rows.text(0);
    const auto next = find_unit(connection, key);
    if (!next) return key;
    const std::string further = blocker_of(connection, *next);
    return further.empty() ? key : further;
}

bool output_is_gone(const Unit& unit) {
    if (unit.output_uri.empty() || unit.output_uri.find("://") != std::string::npos) return false;
    std::error_code error;
    return !std::filesystem::exists(unit.output_uri, error);
}

bool has_gap(const Unit& unit, bool check_files) {
    if (unit.state == "done") return check_files && output_is_gone(unit);
    return unit.state != "skipped" && unit.state != "superseded";
}

Gap gap_of(store::Connection& connection, const Unit& unit) {
    if (unit.state == "done") return {unit.key, unit.state, "output_missing", {}};
    return {unit.key, unit.state, unit.reason, blocker_of(connection, unit)};
}

}  // namespace

std::string gap_text(const Gap& gap) {
    return fmt::format("{:40}  {}: {}{}", gap.unit, gap.state, gap.reason,
                       gap.blocked_by.empty() ? "" : "  <- " + gap.blocked_by);
}

std::string gap_json(const Gap& gap) {
    std::string line = fmt::format(R"({{"unit":"{}","state":"{}","reason":"{}")",
                                   json_escape(gap.unit), gap.state, json_escape(gap.reason));
    if (!gap.blocked_by.empty())
        line += fmt::format(R"(,"blocked_by":"{}")", json_escape(gap.blocked_by));
    return line + '}';
}

AuditCount audit_units(store::Connection& connection, const Selection& selection, bool check_files,
                       const std::function<void(const Gap&)>& body) {
    AuditCount count;
    for_each_unit(connection, selection, [&](const Unit& unit) {
        ++count.expected;
        if (!has_gap(unit, check_files)) return;
        ++count.gaps;
        body(gap_of(connection, unit));
    });
    return count;
}

AuditCount audit_granules(store::Connection& connection, const std::vector<Granule>& granules,
                          const PlanRules& rules, const std::function<void(const Gap&)>& body) {
    AuditCount count;
    Overlaps overlaps(*rules.tiles);
    std::set<std::string> keys;
    for (const Granule& granule : granules) {
        if (!granule.acceptable()) continue;
        keys.insert(granule.ac_key());
        for (const auto& planned : plan_products(granule, rules, overlaps))
            keys.insert(planned.key);
    }
    for (const auto& key : keys) {
        ++count.expected;
        const auto unit = find_unit(connection, key);
        if (unit && !has_gap(*unit, false)) continue;
        ++count.gaps;
        body(unit ? gap_of(connection, *unit) : Gap{key, "unknown", "not_in_log", {}});
    }
    return count;
}

}  // namespace hls::joblog
