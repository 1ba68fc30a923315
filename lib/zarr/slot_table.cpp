// SPDX-License-Identifier: Apache-2.0
#include "zarr/slot_table.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "zarr/object_event.hpp"

namespace hls::zarr {
namespace {

std::int64_t microseconds_of(UtcTime time) {
    return time.time_since_epoch().count();
}

UtcTime time_of_microseconds(std::int64_t value) {
    return UtcTime{std::chrono::microseconds{value}};
}

std::string captures_text(const pattern::Captures& captures) {
    JsonObject object;
    for (const auto& [name, value] : captures) object.emplace(name, value);
    return format_json(object, JsonLayout::compact);
}

pattern::Captures captures_from_text(const std::string& text) {
    pattern::Captures captures;
    const JsonValue document = parse_json(text, "captures in the state");
    if (const auto* object = document.get<JsonObject>())
        for (const auto& [name, value] : *object)
            if (const auto* content = value.get<std::string>()) captures[name] = *content;
    return captures;
}

template <typename T>
int order(const T& a, const T& b) {
    return a < b ? -1 : b < a ? 1 : 0;
}

int compare_by(const Candidate& a, const Candidate& b, std::string_view rule) {
    if (rule == "production_time") return order(a.production, b.production);
    if (rule == "sequencer") return compare_sequencers(a.sequencer, b.sequencer);
    if (rule == "last_modified") return order(a.modified, b.modified);
    if (rule == "key") return order(a.key, b.key);
    const auto group = [&](const Candidate& candidate) {
        const auto found = candidate.captures.find(rule.substr(8));  // "capture:GROUP"
        return found == candidate.captures.end() ? std::string() : found->second;
    };
    return order(group(a), group(b));
}

}  // namespace

bool beats(const Candidate& a, const Candidate& b, const std::vector<std::string>& rules) {
    for (const std::string& rule : rules)
        if (const int by_rule = compare_by(a, b, rule); by_rule != 0) return by_rule > 0;
    return a.key > b.key;
}

std::vector<Candidate> SlotTable::candidates(std::string_view where, std::string_view first,
                                             std::string_view second) {
    std::vector<Candidate> found;
    auto query = db_.prepare(fmt::format(
        "SELECT slot, variable, key, record, location, etag, sequencer, captures, time_us, "
        "production_us, modified_us FROM candidate WHERE {} ORDER BY slot, variable, key",
        where));
    query.bind(first);
    if (!second.empty()) query.bind_at(2, second);
    while (query.step()) {
        Candidate candidate{query.text(0),
                            query.text(1),
                            query.text(2),
                            query.integer(3),
                            query.text(4),
                            query.text(5),
                            query.text(6),
                            captures_from_text(query.text(7)),
                            time_of_microseconds(query.integer(8)),
                            std::nullopt,
                            time_of_microseconds(query.integer(10))};
        if (!query.is_null(9)) candidate.production = time_of_microseconds(query.integer(9));
        found.push_back(std::move(candidate));
    }
    return found;
}

std::vector<Candidate> SlotTable::candidates_of_key(std::string_view key) {
    return candidates("key = ?1", key, "");
}

std::vector<Candidate> SlotTable::candidates_of_slot(std::string_view slot,
                                                     std::string_view variable) {
    return candidates("slot = ?1 AND variable = ?2", slot, variable);
}

void SlotTable::put(const Candidate& candidate) {
    std::optional<std::int64_t> production;
    if (candidate.production) production = microseconds_of(*candidate.production);
    auto insert = db_.prepare(
        "INSERT OR REPLACE INTO candidate(slot, variable, key, record, location, etag, sequencer, "
        "captures, time_us, production_us, modified_us) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    insert.bind(candidate.slot, candidate.variable, candidate.key, candidate.record,
                candidate.location, candidate.etag, candidate.sequencer,
                captures_text(candidate.captures), microseconds_of(candidate.time), production,
                microseconds_of(candidate.modified));
    insert.run();
}

void SlotTable::drop(const Candidate& candidate) {
    auto remove = db_.prepare("DELETE FROM candidate WHERE slot = ? AND variable = ? AND key = ?");
    remove.bind(candidate.slot, candidate.variable, candidate.key).run();
}

std::optional<Held> SlotTable::held(std::string_view slot, std::string_view variable) {
    auto query =
        db_.prepare("SELECT key, etag, record, time_us FROM held WHERE slot = ? AND variable = ?");
    query.bind(slot, variable);
    if (!query.step()) return std::nullopt;
    return Held{query.text(0), query.text(1), query.integer(2),
                time_of_microseconds(query.integer(3))};
}

void SlotTable::hold(const Candidate& winner) {
    auto insert = db_.prepare(
        "INSERT OR REPLACE INTO held(slot, variable, key, etag, record, time_us) "
        "VALUES(?, ?, ?, ?, ?, ?)");
    insert.bind(winner.slot, winner.variable, winner.key, winner.etag, winner.record,
                microseconds_of(winner.time));
    insert.run();
}

void SlotTable::clear(std::string_view slot, std::string_view variable) {
    db_.prepare("DELETE FROM held WHERE slot = ? AND variable = ?").bind(slot, variable).run();
}

std::vector<SlotTable::HeldTime> SlotTable::held_times(std::string_view first,
                                                       std::string_view last) {
    std::vector<HeldTime> found;
    auto query = db_.prepare("SELECT slot, variable, time_us FROM held WHERE slot BETWEEN ? AND ?");
    query.bind(first, last);
    while (query.step())
        found.push_back({query.text(0), query.text(1), time_of_microseconds(query.integer(2))});
    return found;
}

std::optional<SlotTable::AxisRow> SlotTable::row_of(std::string_view slot) {
    auto query = db_.prepare("SELECT row, time_us FROM axis WHERE slot = ?");
    query.bind(slot);
    if (!query.step()) return std::nullopt;
    return AxisRow{std::string(slot), static_cast<std::uint64_t>(query.integer(0)),
                   time_of_microseconds(query.integer(1))};
}

std::vector<SlotTable::AxisRow> SlotTable::rows(std::uint64_t first, std::uint64_t end) {
    std::vector<AxisRow> found;
    auto query =
        db_.prepare("SELECT slot, row, time_us FROM axis WHERE row >= ? AND row < ? ORDER BY row");
    query.bind(first, end);
    while (query.step())
        found.push_back({query.text(0), static_cast<std::uint64_t>(query.integer(1)),
                         time_of_microseconds(query.integer(2))});
    return found;
}

std::uint64_t SlotTable::length() {
    return static_cast<std::uint64_t>(db_.query_int("SELECT coalesce(max(row) + 1, 0) FROM axis"));
}

std::uint64_t SlotTable::first_row_behind(std::string_view slot) {
    auto query = db_.prepare("SELECT min(row) FROM axis WHERE slot > ?");
    query.bind(slot);
    if (!query.step() || query.is_null(0)) return length();
    return static_cast<std::uint64_t>(query.integer(0));
}

void SlotTable::put_row(const AxisRow& row) {
    auto insert = db_.prepare("INSERT OR REPLACE INTO axis(slot, row, time_us) VALUES(?, ?, ?)");
    insert.bind(row.slot, row.row, microseconds_of(row.time)).run();
}

std::vector<std::string> SlotTable::keys() {
    std::vector<std::string> found;
    auto query = db_.prepare("SELECT DISTINCT key FROM candidate ORDER BY key");
    while (query.step()) found.push_back(query.text(0));
    return found;
}

std::string SlotTable::sequencer_of(std::string_view key) {
    auto query = db_.prepare("SELECT sequencer FROM sequencer WHERE key = ?");
    query.bind(key);
    return query.step() ? query.text(0) : std::string();
}

void SlotTable::note_sequencer(std::string_view key, std::string_view sequencer) {
    if (sequencer.empty() || compare_sequencers(sequencer, sequencer_of(key)) <= 0) return;
    auto note = db_.prepare("INSERT OR REPLACE INTO sequencer(key, sequencer) VALUES(?, ?)");
    note.bind(key, sequencer).run();
}

}  // namespace hls::zarr
