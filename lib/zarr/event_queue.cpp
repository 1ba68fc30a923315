// SPDX-License-Identifier: Apache-2.0
#include "zarr/event_queue.hpp"

#include <algorithm>

namespace hls::zarr {
namespace {

constexpr const char* kColumns = "SELECT id, key, sequencer, version, serial, queued_ms, tries ";

QueuedEvent row_of(const store::Statement& row) {
    return {row.integer(0),
            row.text(1),
            row.text(2),
            row.text(3),
            row.integer(4),
            row.integer(5),
            static_cast<int>(row.integer(6))};
}

// 1, 2, 4, .. seconds.
std::int64_t pause_ms(int tries) {
    return std::int64_t{1000} << std::clamp(tries, 0, 6);
}

}  // namespace

void EventQueue::add(std::span<const ObjectEvent> events) {
    auto& db = state_.db();
    DurableTransaction transaction(db);
    auto known = db.prepare("SELECT sequencer FROM event WHERE key = ?");
    auto merge = db.prepare(
        "UPDATE event SET serial = serial + 1, sequencer = ?2, version = ?3, not_before_ms = 0 "
        "WHERE key = ?1");
    auto insert =
        db.prepare("INSERT INTO event(key, sequencer, version, queued_ms) VALUES(?1, ?2, ?3, ?4)");
    for (const ObjectEvent& event : events) {
        if (event.kind != EventKind::changed && event.kind != EventKind::removed) continue;
        known.bind(event.key);
        const bool waiting = known.step();
        const std::string before = waiting ? known.text(0) : std::string();
        known.reset();
        const bool later = compare_sequencers(event.sequencer, before) > 0;
        if (waiting)
            merge.bind(event.key, later ? event.sequencer : before, event.version).run();
        else
            insert.bind(event.key, event.sequencer, event.version, now_ms()).run();
    }
    transaction.commit();
}

void EventQueue::release_lapsed() {
    auto& db = state_.db();
    std::vector<std::int64_t> gone;
    auto claims = db.prepare(
        "SELECT DISTINCT event.writer, coalesce(writer.fenced, 1) FROM event "
        "LEFT JOIN writer ON writer.id = event.writer WHERE event.writer IS NOT NULL");
    while (claims.step())
        if (claims.integer(1) != 0 || !writer_is_alive(state_, claims.integer(0)))
            gone.push_back(claims.integer(0));
    if (gone.empty()) return;
    store::Transaction transaction(db);
    auto release = db.prepare("UPDATE event SET writer = NULL WHERE writer = ?");
    for (const std::int64_t writer : gone) release.bind(writer).run();
    transaction.commit();
}

std::vector<QueuedEvent> EventQueue::peek(std::uint64_t count) {
    std::vector<QueuedEvent> events;
    auto query = state_.db().prepare(
        std::string(kColumns) +
        "FROM event WHERE writer IS NULL AND not_before_ms <= ?1 ORDER BY id LIMIT ?2");
    query.bind(now_ms(), count);
    while (query.step()) events.push_back(row_of(query));
    return events;
}

std::vector<QueuedEvent> EventQueue::claim(const Writer& writer, std::uint64_t count) {
    release_lapsed();
    store::Transaction transaction(state_.db());
    std::vector<QueuedEvent> events = peek(count);
    auto take = state_.db().prepare("UPDATE event SET writer = ? WHERE id = ?");
    for (const QueuedEvent& event : events) take.bind(writer.token(), event.id).run();
    transaction.commit();
    return events;
}

void EventQueue::finish(const QueuedEvent& event) {
    auto& db = state_.db();
    db.prepare("DELETE FROM event WHERE id = ? AND serial = ?").bind(event.id, event.serial).run();
    if (db.changes() == 0)
        db.prepare("UPDATE event SET writer = NULL, tries = 0 WHERE id = ?").bind(event.id).run();
    db.prepare("DELETE FROM dead_letter WHERE key = ?").bind(event.key).run();
}

void EventQueue::release(std::span<const QueuedEvent> events) {
    store::Transaction transaction(state_.db());
    auto free = state_.db().prepare("UPDATE event SET writer = NULL WHERE id = ?");
    for (const QueuedEvent& event : events) free.bind(event.id).run();
    transaction.commit();
}

bool EventQueue::fail(const QueuedEvent& event, const Error& error, bool lasting) {
    auto& db = state_.db();
    const bool dead = lasting || event.tries + 1 >= kMaxTries;
    DurableTransaction transaction(db);
    if (dead) {
        db.prepare("DELETE FROM dead_letter WHERE key = ?").bind(event.key).run();
        auto bury = db.prepare(
            "INSERT INTO dead_letter(key, exit_code, problem, died_ms) VALUES(?, ?, ?, ?)");
        bury.bind(event.key, static_cast<int>(error.code), error.message, now_ms()).run();
        db.prepare("DELETE FROM event WHERE id = ? AND serial = ?")
            .bind(event.id, event.serial)
            .run();
        db.prepare("UPDATE event SET writer = NULL WHERE id = ?").bind(event.id).run();
    } else {
        auto retry = db.prepare(
            "UPDATE event SET writer = NULL, tries = tries + 1, not_before_ms = ?, problem = ? "
            "WHERE id = ?");
        retry.bind(now_ms() + pause_ms(event.tries), error.message, event.id).run();
    }
    transaction.commit();
    return dead;
}

int EventQueue::revive() {
    auto& db = state_.db();
    DurableTransaction transaction(db);
    auto insert = db.prepare(
        "INSERT OR IGNORE INTO event(key, sequencer, version, queued_ms) "
        "SELECT key, '', '', ? FROM dead_letter");
    insert.bind(now_ms()).run();
    db.execute("DELETE FROM dead_letter");
    const auto revived = static_cast<int>(db.changes());
    transaction.commit();
    return revived;
}

QueueStatus EventQueue::status() {
    auto query = state_.db().prepare(
        "SELECT count(*), count(writer), coalesce(min(queued_ms), 0), "
        "(SELECT count(*) FROM dead_letter) FROM event");
    query.step();
    return {query.integer(0) - query.integer(1), query.integer(1), query.integer(2),
            query.integer(3)};
}

std::int64_t EventQueue::pending(std::span<const std::string> keys) {
    std::int64_t count = 0;
    auto query = state_.db().prepare("SELECT count(*) FROM event WHERE key = ?");
    for (const std::string& key : keys) {
        query.bind(key);
        query.step();
        count += query.integer(0);
        query.reset();
    }
    return count;
}

std::optional<std::int64_t> EventQueue::next_due_ms() {
    auto query = state_.db().prepare("SELECT min(not_before_ms) FROM event WHERE writer IS NULL");
    if (!query.step() || query.is_null(0)) return std::nullopt;
    return std::max<std::int64_t>(0, query.integer(0) - now_ms());
}

}  // namespace hls::zarr
