// SPDX-License-Identifier: Apache-2.0
#include "joblog/unit.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "joblog/gate.hpp"

namespace hls::joblog {
namespace {

std::optional<Unit> first_unit(store::Statement query) {
    if (!query.step()) return std::nullopt;
    return read_unit(query);
}

std::string select_where(std::string_view condition) {
    return fmt::format("SELECT {} FROM unit WHERE {}", kUnitColumns, condition);
}

}  // namespace

const std::string_view kUnitColumns =
    "id, ukey, stage, track, state, reason, priority, sensor, tile, acq_date, hls_id, path, row, "
    "n_infra, n_resource, n_source, n_code, n_wait, n_run, not_before, deadline, lease_seq, "
    "lease_run, lease_owner, lease_until, lease_since, backend, job, mem_factor, time_factor, "
    "input_fp, output_fp, output_uri, spec";

Unit read_unit(const store::Statement& row) {
    Unit unit;
    int column = 0;
    const auto text = [&](std::string& value) { value = row.text(column++); };
    const auto count = [&](int& value) { value = static_cast<int>(row.integer(column++)); };
    unit.id = row.integer(column++);
    for (auto* value : {&unit.key, &unit.stage, &unit.track, &unit.state, &unit.reason})
        text(*value);
    count(unit.priority);
    for (auto* value : {&unit.sensor, &unit.tile, &unit.acq_date, &unit.hls_id}) text(*value);
    for (auto* value : {&unit.path, &unit.row, &unit.n_infra, &unit.n_resource, &unit.n_source,
                        &unit.n_code, &unit.n_wait, &unit.n_run})
        count(*value);
    text(unit.not_before);
    text(unit.deadline);
    unit.lease_seq = row.integer(column++);
    for (auto* value : {&unit.lease_run, &unit.lease_owner, &unit.lease_until, &unit.lease_since,
                        &unit.backend, &unit.job})
        text(*value);
    unit.mem_factor = row.real(column++);
    unit.time_factor = row.real(column++);
    for (auto* value : {&unit.input_fp, &unit.output_fp, &unit.output_uri, &unit.spec})
        text(*value);
    return unit;
}

std::optional<Unit> find_unit(store::Connection& connection, std::string_view key) {
    auto query = connection.prepare(select_where("ukey=?"));
    query.bind(key);
    return first_unit(std::move(query));
}

std::optional<Unit> find_unit(store::Connection& connection, std::int64_t id) {
    auto query = connection.prepare(select_where("id=?"));
    query.bind(id);
    return first_unit(std::move(query));
}

Unit require_unit(store::Connection& connection, std::string_view key) {
    if (auto unit = find_unit(connection, key)) return *std::move(unit);
    throw Error{Exit::missing_input, fmt::format("{}: no unit {}", connection.path().string(), key),
                "hls-log add makes units, hls-log show lists them"};
}

void move_unit(Change& change, const Unit& unit, std::string_view state, std::string_view reason) {
    if (unit.state == state && unit.reason == reason) return;
    change.connection()
        .prepare("UPDATE unit SET state=?2, reason=?3, changed_at=?4, changed_by=?5 WHERE id=?1")
        .bind(unit.id, state, reason, change.now(), change.actor())
        .run();
    if (unit.state != state) settle_dependents(change, unit.key);
}

}  // namespace hls::joblog
