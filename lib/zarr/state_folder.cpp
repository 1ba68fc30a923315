// SPDX-License-Identifier: Apache-2.0
#include "zarr/state_folder.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <system_error>

#include "core/error.hpp"
#include "store/migration.hpp"

namespace hls::zarr {
namespace {

constexpr std::string_view kTables = R"sql(
CREATE TABLE property(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- Processes that write. The id is the fencing token: it only grows, and a fenced writer commits no
-- more.
CREATE TABLE writer(
    id INTEGER PRIMARY KEY AUTOINCREMENT, host TEXT NOT NULL, pid INTEGER NOT NULL,
    command TEXT NOT NULL, started_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,
    fenced INTEGER NOT NULL DEFAULT 0);

-- How often each owner (a row of chunks) was committed to.
CREATE TABLE owner(name TEXT PRIMARY KEY, generation INTEGER NOT NULL) WITHOUT ROWID;

-- Hints that wait. One row per key: what is true is asked of the object.
CREATE TABLE event(
    id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, sequencer TEXT NOT NULL,
    version TEXT NOT NULL, queued_ms INTEGER NOT NULL, serial INTEGER NOT NULL DEFAULT 1,
    writer INTEGER, tries INTEGER NOT NULL DEFAULT 0, not_before_ms INTEGER NOT NULL DEFAULT 0,
    problem TEXT NOT NULL DEFAULT '');
CREATE INDEX event_order ON event(not_before_ms, id);
CREATE TABLE dead_letter(
    id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, exit_code INTEGER NOT NULL,
    problem TEXT NOT NULL, died_ms INTEGER NOT NULL);
CREATE INDEX dead_letter_key ON dead_letter(key);

-- Highest sequencer seen of a key, kept after its object is gone.
CREATE TABLE sequencer(key TEXT PRIMARY KEY, sequencer TEXT NOT NULL) WITHOUT ROWID;

-- Files that could fill a slot of a variable.
CREATE TABLE candidate(
    slot TEXT NOT NULL, variable TEXT NOT NULL, key TEXT NOT NULL, record INTEGER NOT NULL,
    location TEXT NOT NULL, etag TEXT NOT NULL, sequencer TEXT NOT NULL, captures TEXT NOT NULL,
    time_us INTEGER NOT NULL, production_us INTEGER, modified_us INTEGER NOT NULL,
    PRIMARY KEY(slot, variable, key)) WITHOUT ROWID;
CREATE INDEX candidate_key ON candidate(key);

-- What the store holds.
CREATE TABLE held(
    slot TEXT NOT NULL, variable TEXT NOT NULL, key TEXT NOT NULL, etag TEXT NOT NULL,
    record INTEGER NOT NULL, time_us INTEGER NOT NULL,
    PRIMARY KEY(slot, variable)) WITHOUT ROWID;
CREATE INDEX held_key ON held(key);
CREATE TABLE axis(slot TEXT PRIMARY KEY, row INTEGER NOT NULL, time_us INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE INDEX axis_row ON axis(row);
CREATE TABLE object(key TEXT PRIMARY KEY, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL)
    WITHOUT ROWID;

-- The redo journal. A transaction has happened once its row is here; 'done' once all its objects are
-- in place.
CREATE TABLE txn(
    id INTEGER PRIMARY KEY AUTOINCREMENT, writer INTEGER NOT NULL, folder TEXT NOT NULL,
    state TEXT NOT NULL, slots INTEGER NOT NULL, objects INTEGER NOT NULL, bytes INTEGER NOT NULL,
    committed_ms INTEGER NOT NULL, done_ms INTEGER);
CREATE TABLE manifest(
    txn INTEGER NOT NULL, number INTEGER NOT NULL, phase INTEGER NOT NULL, key TEXT NOT NULL,
    staged TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, old_sha256 TEXT NOT NULL,
    PRIMARY KEY(txn, number)) WITHOUT ROWID;
CREATE TABLE damage(key TEXT PRIMARY KEY, problem TEXT NOT NULL) WITHOUT ROWID;
)sql";

// What a state knows of itself where several hosts keep copies of one; and journal entries that
// other hosts can finish.
constexpr std::string_view kCopies = R"sql(
CREATE TABLE copy(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
ALTER TABLE manifest ADD COLUMN content TEXT NOT NULL DEFAULT '';
)sql";

constexpr std::array<std::string_view, 2> kSteps{kTables, kCopies};
constexpr store::Schema kSchema{"state of a Zarr store", 0x484c535a, kSteps};

store::Connection open_database(const std::filesystem::path& folder, StateFolder::Open mode) {
    const auto file = folder / "state.db";
    if (mode == StateFolder::Open::create) {
        std::error_code error;
        for (const auto& part : {folder / "locks", folder / "staging"}) {
            std::filesystem::create_directories(part, error);
            if (error)
                throw Error{
                    error == std::errc::permission_denied ? Exit::permission : Exit::cannot_create,
                    fmt::format("cannot create {}: {}", part.string(), error.message())};
        }
    } else if (std::error_code error; !std::filesystem::exists(file, error)) {
        throw Error{Exit::missing_input, fmt::format("no state of a store in {}", folder.string()),
                    "make the store with hls-zarr-update create"};
    }
    store::ConnectionOptions options;
    options.access = mode == StateFolder::Open::create      ? store::Access::create
                     : mode == StateFolder::Open::read_only ? store::Access::read
                                                            : store::Access::write;
    store::Connection db(file, options);
    if (mode == StateFolder::Open::read_only)
        store::require_schema(db, kSchema);
    else
        store::migrate(db, kSchema);
    return db;
}

}  // namespace

StateFolder::StateFolder(std::filesystem::path folder, Open mode)
    : path_(std::move(folder)), db_(open_database(path_, mode)) {}

std::string StateFolder::property(std::string_view name) {
    auto query = db_.prepare("SELECT value FROM property WHERE name = ?");
    query.bind(name);
    return query.step() ? query.text(0) : std::string();
}

void StateFolder::set_property(std::string_view name, std::string_view value) {
    auto insert = db_.prepare("INSERT OR REPLACE INTO property(name, value) VALUES(?, ?)");
    insert.bind(name, value).run();
}

DurableTransaction::FullSync::FullSync(store::Connection& connection) : db(connection) {
    db.execute("PRAGMA synchronous=FULL");
}

DurableTransaction::FullSync::~FullSync() {
    try {
        db.execute("PRAGMA synchronous=NORMAL");
    } catch (const Error&) {
        // Commits stay slower than they need be, which harms nobody.
    }
}

DurableTransaction::DurableTransaction(store::Connection& db) : sync_(db), transaction_(db) {}

DurableTransaction::~DurableTransaction() = default;

void DurableTransaction::commit() {
    transaction_.commit();
}

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace hls::zarr
