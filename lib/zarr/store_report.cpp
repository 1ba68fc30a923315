// SPDX-License-Identifier: Apache-2.0
#include "zarr/store_report.hpp"

#include <algorithm>

#include "zarr/event_queue.hpp"
#include "zarr/slot_table.hpp"

namespace hls::zarr {
namespace {

JsonArray writers_of(StateFolder& state) {
    JsonArray list;
    const std::int64_t now = now_ms();
    for (const WriterStatus& writer : list_writers(state))
        list.emplace_back(
            JsonObject{{"token", writer.token},
                       {"host", writer.host},
                       {"pid", writer.pid},
                       {"command", writer.command},
                       {"age_s", static_cast<double>(now - writer.started_ms) / 1000},
                       {"lease_left_s", static_cast<double>(writer.expires_ms - now) / 1000},
                       {"fenced", writer.fenced},
                       {"alive", writer.alive}});
    return list;
}

JsonArray dead_letters(StateFolder& state) {
    JsonArray list;
    auto query = state.db().prepare(
        "SELECT key, exit_code, problem FROM dead_letter ORDER BY key LIMIT 1000");
    while (query.step())
        list.emplace_back(JsonObject{
            {"key", query.text(0)}, {"exit", query.integer(1)}, {"problem", query.text(2)}});
    return list;
}

JsonObject queue_of(StateFolder& state) {
    const QueueStatus status = EventQueue(state).status();
    JsonObject queue{
        {"waiting", status.waiting}, {"in_work", status.claimed}, {"dead", status.dead}};
    if (status.oldest_ms != 0)
        queue["oldest_s"] = static_cast<double>(now_ms() - status.oldest_ms) / 1000;
    return queue;
}

JsonObject journal_of(StateFolder& state) {
    auto& db = state.db();
    JsonObject journal{
        {"unfinished", db.query_int("SELECT count(*) FROM txn WHERE state = 'committed'")},
        {"damaged", db.query_int("SELECT count(*) FROM damage")}};
    auto last = db.prepare("SELECT id, committed_ms FROM txn ORDER BY id DESC LIMIT 1");
    if (last.step()) {
        journal["last_txn"] = last.integer(0);
        journal["last_s"] = static_cast<double>(now_ms() - last.integer(1)) / 1000;
    }
    return journal;
}

JsonObject candidate_document(const Candidate& candidate, const std::optional<Held>& held) {
    JsonObject document{{"key", candidate.key}, {"etag", candidate.etag}};
    if (candidate.production) document["production_time"] = format_utc(*candidate.production, 6);
    if (!candidate.sequencer.empty()) document["sequencer"] = candidate.sequencer;
    if (candidate.record != 0) document["record"] = candidate.record;
    document["held"] = held && held->key == candidate.key;
    return document;
}

}  // namespace

JsonObject status_document(CollectionStore& store) {
    SlotTable table(store.state());
    JsonObject status{
        {"collection", store.collection().name},       {"store", store.store().name()},
        {"state", store.state().path().string()},      {"length", table.length()},
        {"writers", writers_of(store.state())},        {"queue", queue_of(store.state())},
        {"dead_letters", dead_letters(store.state())}, {"journal", journal_of(store.state())}};
    if (const SharedState* shared = store.access().shared)
        if (const auto lease = shared->lease())
            status["lease"] =
                JsonObject{{"held", lease->held},
                           {"host", lease->host},
                           {"pid", lease->pid},
                           {"command", lease->command},
                           {"left_s", static_cast<double>(lease->expires_ms - now_ms()) / 1000},
                           {"done", lease->done}};
    const auto last =
        table.rows(table.length() - std::min<std::uint64_t>(1, table.length()), table.length());
    if (!last.empty()) status["watermark"] = format_utc(last.back().time);
    return status;
}

void print_slots(CollectionStore& store, const std::string& time, const std::string& key,
                 const std::function<void(const JsonObject&)>& print) {
    SlotTable table(store.state());
    for (const auto& row : table.rows(0, table.length())) {
        const std::string iso = format_utc(row.time, 6);
        if (!iso.starts_with(time)) continue;
        JsonObject variables;
        bool wanted = key.empty();
        for (const auto& variable : store.collection().variables) {
            const auto held = table.held(row.slot, variable.name);
            JsonArray candidates;
            for (const Candidate& candidate : table.candidates_of_slot(row.slot, variable.name)) {
                wanted |= candidate.key == key;
                candidates.emplace_back(candidate_document(candidate, held));
            }
            if (!candidates.empty()) variables[variable.name] = std::move(candidates);
        }
        if (wanted)
            print({{"slot", row.slot},
                   {"row", row.row},
                   {"time", format_utc(row.time, 6)},
                   {"variables", std::move(variables)}});
    }
}

}  // namespace hls::zarr
