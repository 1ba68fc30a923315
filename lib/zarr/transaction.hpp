// SPDX-License-Identifier: Apache-2.0
// Many objects of a store replaced as one, by a redo journal: staged first, committed in the
// state's database, then moved into place in an order that readers can live with.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "zarr/local_store.hpp"
#include "zarr/object_store.hpp"
#include "zarr/writer.hpp"

namespace hls::zarr {

// Order of publication. A reader that sees a shape finds the chunks and coordinates behind it; one
// that reads consolidated metadata sees all arrays grow at once.
enum class Phase { data, coordinates, shapes, consolidated };

class SharedState;

// A store, the state beside it, and how files are written.
struct StoreAccess {
    ObjectStore& store;
    const LocalStore* local;  // the same store if it is a folder of this host
    DurableFiles files;
    SharedState* shared = nullptr;  // where several hosts write
};

struct ManifestEntry {
    Phase phase = Phase::data;
    std::string key;
    std::string staged;  // file in the transaction's folder; empty: the object is removed
    std::string sha256;  // of the content, empty for a removal
    std::uint64_t bytes = 0;
    std::string content;  // Base 64; only of what other hosts could not make again
};

struct TransactionReport {
    std::int64_t id = 0;  // 0: there was nothing to do
    std::uint64_t objects = 0;
    std::uint64_t bytes = 0;
};

class StoreTransaction {
 public:
    // Whether content that the store has already is staged nevertheless.
    enum class Known { left_out, ignored };

    StoreTransaction(Writer& writer, StoreAccess access, Known known = Known::left_out);
    ~StoreTransaction();  // what was staged and not committed is removed
    StoreTransaction(const StoreTransaction&) = delete;
    StoreTransaction& operator=(const StoreTransaction&) = delete;

    // Stages new content of an object. False if the store holds these bytes already, in which case
    // nothing is done. May be called from several threads.
    bool put(Phase phase, const std::string& key, ByteView content);
    // Whether `content`, as the store gave it, is what the last transaction made of the object.
    bool made(const std::string& key, ByteView content);
    // Stages the removal of an object; false if the store does not hold it.
    bool remove(Phase phase, const std::string& key);

    const std::vector<ManifestEntry>& entries() const { return entries_; }
    const std::filesystem::path& folder() const { return folder_; }

    // Makes all of it happen. The publish lock must be held, and recover() must have been called
    // since it was taken. `changes` runs inside the database transaction that is the commit point
    // and writes what belongs to it, the same each time it is called; `finished` writes what only
    // this host knows of it. After an Error{temporary} before the commit point nothing has
    // happened; after any other error, or when another writer took over, recover() will finish the
    // work.
    TransactionReport commit(
        std::vector<OwnerLocks*> locks, std::uint64_t slots, const std::function<void()>& changes,
        const std::function<void()>& finished = [] {});

 private:
    using Changes = std::function<void()>;

    std::string known_sha256(const std::string& key);  // empty: there is no such object
    void sync_staged() const;
    void write_changes(const std::vector<OwnerLocks*>& locks, const Changes& changes);
    void commit_here(TransactionReport& report, std::uint64_t slots,
                     const std::vector<OwnerLocks*>& locks, const Changes& changes,
                     const Changes& finished);
    void commit_shared(TransactionReport& report, std::uint64_t slots,
                       const std::vector<OwnerLocks*>& locks, const Changes& changes,
                       const Changes& finished);
    void forget_damage() const;
    void apply(std::int64_t txn) const;
    std::int64_t write_journal(const TransactionReport& report, std::uint64_t slots) const;

    Writer& writer_;
    StoreAccess access_;
    Known known_;
    std::string name_;
    std::filesystem::path folder_;  // made when first needed
    std::mutex mutex_;
    std::vector<ManifestEntry> entries_;
    bool committed_ = false;  // or may be
};

// Finishes transactions that are committed and not done, whoever began them. The publish lock must
// be held. Returns how many there were. Objects that can be neither finished nor found are recorded
// as damage, with a warning each, and their slots are written again by verify --repair.
int recover(Writer& writer, StoreAccess access);

// Removes staging folders of transactions that never committed and whose writers are gone. Returns
// their names; with `dry_run` removes nothing.
std::vector<std::string> collect_garbage(StateFolder& state, bool dry_run);

// The name of the lock that a committer holds.
inline constexpr const char* kPublishLock = "!publish";

}  // namespace hls::zarr
