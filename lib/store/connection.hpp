// SPDX-License-Identifier: Apache-2.0
// One SQLite file: opening, running SQL, transactions. Errors of SQLite become exit codes.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "store/statement.hpp"

namespace hls::store {

enum class Access {
    read,    // the file must exist; also works on read-only media
    write,   // the file must exist
    create,  // made if missing
};

// Write-ahead logging lets readers and one writer work at once, but needs shared memory and so one
// machine. The rollback journal of `rollback` also works on network file systems.
enum class Journal {
    wal,
    rollback,
};

struct ConnectionOptions {
    Access access = Access::write;
    Journal journal = Journal::wal;  // of a file that is made; otherwise the file's own is kept
    // How long to wait for the lock of another process. Waiting ends early on cancellation.
    std::chrono::milliseconds busy_timeout{30'000};
};

// What a failure means to a scheduler: a locked file is temporary (75), a full disk is an I/O error
// (74), a foreign or damaged file is bad input (65), a missing file is missing input (66), a file
// that may not be written is a matter of permission (77), memory is a resource (71), the rest,
// broken constraints among them, is internal (70).
class Connection {
 public:
    // Throws Error, with the codes above, and {unavailable} for a file in WAL mode on a network
    // file system.
    explicit Connection(std::filesystem::path path, ConnectionOptions options = {});
    ~Connection();
    Connection(Connection&&) noexcept;
    Connection& operator=(Connection&&) noexcept;

    // Runs any number of statements that take no values and answer nothing.
    void execute(std::string_view sql);
    Statement prepare(std::string_view sql);

    // First column of the first row of a query; 0 or "" if it has no row.
    std::int64_t query_int(std::string_view sql);
    std::string query_text(std::string_view sql);

    // Rows that the last statement changed.
    std::int64_t changes() const noexcept;
    std::int64_t last_insert_id() const noexcept;
    bool in_transaction() const noexcept;
    // For the other parts of this module.
    sqlite3* handle() const noexcept { return database_.get(); }

    const std::filesystem::path& path() const noexcept { return path_; }

 private:
    void open(Access access, bool immutable);
    void configure(const ConnectionOptions& options);

    struct Close {
        void operator()(sqlite3* database) const noexcept;
    };

    std::filesystem::path path_;
    std::unique_ptr<std::chrono::milliseconds> busy_timeout_;  // its address is SQLite's to keep
    std::unique_ptr<sqlite3, Close> database_;
};

// Takes the write lock at once, so that what is read inside stays true until commit(). Without
// commit() everything is undone.
class Transaction {
 public:
    explicit Transaction(Connection& connection);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    void commit();

 private:
    Connection& connection_;
    bool open_ = true;
};

// Several queries that see one state of the file, while others write to it.
class ReadSnapshot {
 public:
    explicit ReadSnapshot(Connection& connection);
    ~ReadSnapshot();
    ReadSnapshot(const ReadSnapshot&) = delete;
    ReadSnapshot& operator=(const ReadSnapshot&) = delete;

 private:
    Connection& connection_;
};

// A copy of the whole file as of one moment, made while others write. `target` must not exist.
// Throws Error{cannot_create, io_error}.
void copy_to(Connection& connection, const std::filesystem::path& target);

// "3.40.1"
std::string sqlite_version();

}  // namespace hls::store
