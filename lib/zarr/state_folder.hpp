// SPDX-License-Identifier: Apache-2.0
// What a store's writers share beside it: a database, locks and staged objects.
//
//   <state>/state.db     queue, slots, journal, writers (SQLite)
//   <state>/locks/       one file per lock, held with flock(2)
//   <state>/staging/     a folder per transaction: objects that are complete but not in place yet
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>

#include "store/connection.hpp"

namespace hls::zarr {

class StateFolder {
 public:
    enum class Open { existing, create, read_only };

    // Throws Error{missing_input} if there is no state and none is to be made; else as
    // store::Connection.
    StateFolder(std::filesystem::path folder, Open mode);

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path locks() const { return path_ / "locks"; }
    std::filesystem::path staging() const { return path_ / "staging"; }

    // Used by one thread at a time; threads that renew a lease take mutex() first.
    store::Connection& db() { return db_; }
    std::mutex& mutex() { return mutex_; }

    std::string property(std::string_view name);
    void set_property(std::string_view name, std::string_view value);

 private:
    std::filesystem::path path_;
    store::Connection db_;
    std::mutex mutex_;
};

// A write transaction that has reached the disk when commit() returns. Others may be forgotten
// after a power cut, though never out of order.
class DurableTransaction {
 public:
    explicit DurableTransaction(store::Connection& db);
    ~DurableTransaction();
    DurableTransaction(const DurableTransaction&) = delete;
    DurableTransaction& operator=(const DurableTransaction&) = delete;

    void commit();

 private:
    struct FullSync {
        explicit FullSync(store::Connection& connection);
        ~FullSync();
        FullSync(const FullSync&) = delete;
        FullSync& operator=(const FullSync&) = delete;
        store::Connection& db;
    };
    FullSync sync_;  // set before the transaction starts, reset after it has ended
    store::Transaction transaction_;
};

// Milliseconds since 1970, the clock of leases.
std::int64_t now_ms();

}  // namespace hls::zarr
