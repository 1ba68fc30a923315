// SPDX-License-Identifier: Apache-2.0
#include "store/connection.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <system_error>
#include <thread>
#include <utility>

#include "core/cancel.hpp"
#include "core/error.hpp"
#include "store/network_file_system.hpp"
#include "store/sqlite_error.hpp"

namespace hls::store {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// SQLite's own handler sleeps up to 100 ms, which is long when 64 processes take turns of less than
// a millisecond. Random naps keep them from waking together.
microseconds nap(int call) {
    thread_local std::minstd_rand random(static_cast<unsigned>(::getpid()));
    const int longest_us = std::min(500 * (1 + call), 8'000);
    return microseconds(std::uniform_int_distribution<>(longest_us / 4, longest_us)(random));
}

// Called while another process holds the lock; 0 gives up. `call` counts from 0 for each lock.
int wait_for_lock(void* timeout, int call) {
    thread_local std::chrono::steady_clock::time_point start;
    const auto now = std::chrono::steady_clock::now();
    if (call == 0) start = now;
    if (cancel_signal() != 0 || now - start >= *static_cast<milliseconds*>(timeout)) return 0;
    std::this_thread::sleep_for(nap(call));
    return 1;
}

std::string immutable_uri(const std::filesystem::path& path) {
    std::string uri = "file:";
    for (const char c : std::filesystem::absolute(path).string())
        uri += c == '%' || c == '?' || c == '#' ? fmt::format("%{:02X}", c) : std::string(1, c);
    return uri + "?immutable=1";
}

void refuse_missing(const std::filesystem::path& path, Access access) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error))
        throw Error{Exit::bad_input, fmt::format("{}: is a folder", path.string())};
    if (access == Access::create || std::filesystem::exists(path, error)) return;
    if (error && error != std::errc::no_such_file_or_directory)
        throw Error{Exit::permission, fmt::format("{}: {}", path.string(), error.message())};
    throw Error{Exit::missing_input, fmt::format("{}: no such file", path.string())};
}

void refuse_network(const std::filesystem::path& path) {
    if (const auto name = network_file_system_of(path); !name.empty())
        throw Error{Exit::unavailable,
                    fmt::format("{}: lies on {}, where write-ahead logging loses data",
                                path.string(), name),
                    "keep it on a local disk"};
}

}  // namespace

void Connection::Close::operator()(sqlite3* database) const noexcept {
    sqlite3_close_v2(database);
}

Connection::Connection(std::filesystem::path path, ConnectionOptions options)
    : path_(std::move(path)), busy_timeout_(std::make_unique<milliseconds>(options.busy_timeout)) {
    refuse_missing(path_, options.access);
    // Before a file is made that could not be used.
    std::error_code unknown;
    if (options.access == Access::create && options.journal == Journal::wal &&
        !std::filesystem::exists(path_, unknown))
        refuse_network(path_);
    open(options.access, false);
    try {
        configure(options);
    } catch (const Error& error) {
        // Media that cannot be written have no room for the shared memory of a WAL. Without a WAL
        // file the database is complete, and nobody can change it while it is read.
        std::error_code ignored;
        const bool has_wal = std::filesystem::exists(path_.string() + "-wal", ignored);
        const bool unreadable = error.code == Exit::missing_input || error.code == Exit::permission;
        if (options.access != Access::read || !unreadable || has_wal) throw;
        open(options.access, true);
        configure(options);
    }
}

Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;

void Connection::open(Access access, bool immutable) {
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    flags |= access == Access::read     ? SQLITE_OPEN_READONLY
             : access == Access::create ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                        : SQLITE_OPEN_READWRITE;
    const std::string name = immutable ? immutable_uri(path_) : path_.string();
    if (immutable) flags |= SQLITE_OPEN_URI;
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(name.c_str(), &opened, flags, nullptr);
    database_.reset(opened);
    if (code == SQLITE_OK) return;
    if ((code & 0xff) == SQLITE_CANTOPEN && access == Access::create)
        throw Error{Exit::cannot_create, fmt::format("{}: cannot be created", path_.string())};
    if ((code & 0xff) == SQLITE_CANTOPEN && ::access(path_.c_str(), R_OK) != 0)
        throw Error{Exit::permission, fmt::format("{}: may not be read", path_.string())};
    throw_sqlite_error(opened, code, path_.string());
}

void Connection::configure(const ConnectionOptions& options) {
    sqlite3_busy_handler(database_.get(), wait_for_lock, busy_timeout_.get());
    const bool empty = query_int("PRAGMA page_count") == 0;
    if (options.access == Access::create && empty) {
        if (options.journal == Journal::wal) refuse_network(path_);
        execute(options.journal == Journal::wal ? "PRAGMA journal_mode=WAL"
                                                : "PRAGMA journal_mode=DELETE");
    }
    const bool wal = query_text("PRAGMA journal_mode") == "wal";
    if (wal) refuse_network(path_);
    // In WAL mode NORMAL is safe against a power cut: the last commits may be lost, never torn.
    execute(wal ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL");
    execute("PRAGMA foreign_keys=ON; PRAGMA cell_size_check=ON");
    // Told now rather than halfway through the work.
    if (options.access != Access::read && sqlite3_db_readonly(database_.get(), "main") == 1)
        throw Error{Exit::permission, fmt::format("{}: may not be written", path_.string()),
                    "check its owner and mode"};
}

void Connection::execute(std::string_view sql) {
    const int code =
        sqlite3_exec(database_.get(), std::string(sql).c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) throw_sqlite_error(database_.get(), code, path_.string());
}

Statement Connection::prepare(std::string_view sql) {
    return {database_.get(), sql, path_.string()};
}

std::int64_t Connection::query_int(std::string_view sql) {
    auto statement = prepare(sql);
    return statement.step() ? statement.integer(0) : 0;
}

std::string Connection::query_text(std::string_view sql) {
    auto statement = prepare(sql);
    return statement.step() ? statement.text(0) : std::string();
}

std::int64_t Connection::changes() const noexcept {
    return sqlite3_changes64(database_.get());
}

std::int64_t Connection::last_insert_id() const noexcept {
    return sqlite3_last_insert_rowid(database_.get());
}

bool Connection::in_transaction() const noexcept {
    return sqlite3_get_autocommit(database_.get()) == 0;
}

Transaction::Transaction(Connection& connection) : connection_(connection) {
    connection_.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
    if (!open_ || !connection_.in_transaction()) return;
    try {
        connection_.execute("ROLLBACK");
    } catch (const Error&) {
        // The file is as it was; closing the connection drops the lock.
    }
}

void Transaction::commit() {
    connection_.execute("COMMIT");
    open_ = false;
}

ReadSnapshot::ReadSnapshot(Connection& connection) : connection_(connection) {
    connection_.execute("BEGIN");
}

ReadSnapshot::~ReadSnapshot() {
    try {
        connection_.execute("ROLLBACK");
    } catch (const Error&) {
        // Nothing was written.
    }
}

void copy_to(Connection& connection, const std::filesystem::path& target) {
    std::error_code error;
    if (std::filesystem::exists(target, error))
        throw Error{Exit::cannot_create, fmt::format("output exists: {}", target.string())};
    auto copy = connection.prepare("VACUUM INTO ?");
    copy.bind(target.string()).run();
}

std::string sqlite_version() {
    return sqlite3_libversion();
}

}  // namespace hls::store
