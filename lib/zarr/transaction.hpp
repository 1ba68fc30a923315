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

// A store, the state beside it, and how files are written.
struct StoreAccess {
    ObjectStore& store;
    const LocalStore* local;  // the same store if it is a folder of this host
    DurableFiles files;
};

struct ManifestEntry {
    Phase phase = Phase::data;
    std::string key;
    std::string staged;  // file in the transaction's folder; empty: the object is removed
    std::string sha256;  // of the content, empty for a removal
    std::uint64_t bytes = 0;
};

struct TransactionReport {
    std::int64_t id = 0;  // 0: there was nothing to do
    std::uint64_t objects = 0;
    std::uint64_t bytes = 0;
};

class StoreTransaction {
 public:
    StoreTransaction(Writer& writer, StoreAccess access);
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

    // Makes all of it happen. `publish_lock` must be held, and recover() must have been called
    // since it was taken. `changes` runs inside the database transaction that is the commit point
    // and writes what belongs to it. After an Error{temporary} nothing has happened; after any
    // other error recover() will finish the work.
    TransactionReport commit(std::vector<OwnerLocks*> locks, std::uint64_t slots,
                             const std::function<void()>& changes);

 private:
    std::string known_sha256(const std::string& key);  // empty: there is no such object
    void sync_staged() const;
    std::int64_t write_journal(std::uint64_t slots, std::uint64_t bytes) const;

    Writer& writer_;
    StoreAccess access_;
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
