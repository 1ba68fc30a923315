// SPDX-License-Identifier: Apache-2.0
// How several hosts write one store in a bucket: a log of transactions that all of them repeat in
// their own state folders, and a lease of the right to add to it.
//
//   <store>.hls-state/log/000000000001   what transaction 1 changed; made once, never changed
//   <store>.hls-state/publish.json       who may commit and put objects in place, until when, and
//                                        up to which transaction all objects are in place
//   <store>.hls-state/checkpoint/...     what all transactions up to one have made of the state
//
// The commit point of a transaction is the conditional PUT of its record (If-None-Match): of two
// hosts that want the same number, one is refused and decides anew from the other's record.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "zarr/checkpoint.hpp"
#include "zarr/object_store.hpp"
#include "zarr/state_folder.hpp"
#include "zarr/writer.hpp"

namespace hls::zarr {

class StoreTransaction;

// Tables of the state that are the same on all hosts.
std::span<const std::string_view> shared_tables();

// Makes objects again that only a lost host had.
class Remaker {
 public:
    virtual ~Remaker() = default;
    // Stages the rows of objects that `keys` belong to, from the files of their slots.
    virtual void restage(Writer& writer, StoreTransaction& transaction,
                         const std::vector<std::string>& keys) = 0;
    // Queues the files of those rows: they are no longer what they were.
    virtual void requeue(const std::vector<std::string>& keys) = 0;
};

struct PublishLease {
    std::string nonce;   // new with every change
    std::string folder;  // identity of the holder's state folder
    std::string host;
    std::string command;
    std::int64_t pid = 0;
    std::int64_t token = 0;  // of the holder's Writer, within its state folder
    std::int64_t expires_ms = 0;
    std::int64_t done = 0;  // all objects of transactions up to this one are in place
    bool held = false;
    Checkpoint checkpoint;  // the newest
};

// A checkpoint is written when so many transactions have come since the last, and no fewer than it
// has megabytes.
inline constexpr std::int64_t kCheckpointEvery = 100;

// Used by one thread at a time but for require_held().
class SharedState {
 public:
    // `objects` holds the log and the lease; its conditions on put() must be honoured by the
    // server. Both must outlive this.
    SharedState(StateFolder& state, ObjectStore& objects) : state_(state), objects_(objects) {}

    // Repeats here what was committed since. Throws Error{bad_input} if the log contradicts this
    // state.
    void catch_up();
    // Number of the last transaction that this state knows.
    std::int64_t applied();

    // Takes the lease, waiting as the writer's options say. The caller has the lock of this state
    // folder for publishing, so that nobody else of this folder uses the lease. Throws
    // Error{temporary} when a living host keeps it.
    void acquire(Writer& writer);
    // Gives the lease back and says how far objects are in place. Never fails: a lease that cannot
    // be given back expires.
    void release() noexcept;
    // To be called before every change of what readers see: throws Error{temporary} if the lease is
    // lost, renews it once a third of it has passed. From any thread.
    void require_held();

    // The commit point: adds a record with that number. False if another host was faster.
    bool append(std::int64_t number, std::string_view patch);
    // Makes the changes of a record here, unless that has been done.
    void repeat(std::int64_t number, std::string_view patch);

    std::optional<PublishLease> lease() const;

    Remaker* remaker = nullptr;

 private:
    struct Seen {
        PublishLease lease;
        std::string version;
    };
    std::optional<Seen> read_lease() const;
    bool swap_lease(const PublishLease& lease, const std::optional<Seen>& before);
    bool apply_record(std::int64_t number);
    void take_checkpoint(const Checkpoint& checkpoint);
    bool wants_checkpoint(const Checkpoint& last);
    void mark_done(std::int64_t number);
    std::int64_t finished();
    std::string folder_id();

    StateFolder& state_;
    ObjectStore& objects_;
    std::mutex mutex_;
    std::optional<PublishLease> held_;
    std::int64_t lifetime_ms_ = 0;
    std::int64_t renewed_ms_ = 0;  // by the clock that also counts while the host sleeps
};

// What only this host knows of the copy it keeps of a shared state.
std::string copy_property(StateFolder& state, std::string_view name);
void set_copy_property(StateFolder& state, std::string_view name, std::string_view value);
// Identity of a state folder, made when first asked for.
std::string folder_identity(StateFolder& state);

}  // namespace hls::zarr
