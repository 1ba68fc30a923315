// SPDX-License-Identifier: Apache-2.0
// Who writes to a store: a lease with a fencing token per process, and locks that die with it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zarr/state_folder.hpp"

namespace hls::zarr {

struct LeaseOptions {
    std::chrono::milliseconds lifetime{60'000};
    // How long to wait for a lock that a living writer holds.
    std::chrono::milliseconds wait{600'000};
};

// The lease of this process. Its token is larger than that of every writer before it. Whoever finds
// an expired lease may fence its writer: that one then commits no more, however late it wakes up.
class Writer {
 public:
    Writer(StateFolder& state, std::string_view command, LeaseOptions options = {});
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    std::int64_t token() const { return token_; }
    StateFolder& state() const { return state_; }
    const LeaseOptions& options() const { return options_; }
    const std::string& command() const { return command_; }

    // Extends the lease once a third of it has passed. Call it between pieces of work, from any
    // thread. Throws Error{temporary} if the writer has been fenced.
    void renew_if_due();
    // To be called inside the transaction that commits. Throws Error{temporary}.
    void require_unfenced();

 private:
    StateFolder& state_;
    LeaseOptions options_;
    std::string command_;
    std::int64_t token_ = 0;
    std::int64_t renewed_ms_ = 0;
    int alive_ = -1;  // flock of locks/writer-<token>, which the kernel frees when we die
};

struct WriterStatus {
    std::int64_t token = 0;
    std::string host;
    std::int64_t pid = 0;
    std::string command;
    std::int64_t started_ms = 0;
    std::int64_t expires_ms = 0;
    bool fenced = false;
    bool alive = false;  // as far as this host can tell
};
std::vector<WriterStatus> list_writers(StateFolder& state);
// Forgets writers that are gone. Returns how many.
int forget_dead_writers(StateFolder& state);
bool writer_is_alive(const StateFolder& state, std::int64_t token);

// Exclusive locks of a set of owners, taken in one order by all, so that nobody waits in a circle.
// A lock is free at once when its holder dies. When its holder is merely stopped, it is taken over
// after the holder's lease has expired, and the holder is fenced.
class OwnerLocks {
 public:
    // Throws Error{temporary} when a living writer holds one for longer than options().wait.
    OwnerLocks(Writer& writer, std::vector<std::string> owners);
    ~OwnerLocks();
    OwnerLocks(const OwnerLocks&) = delete;
    OwnerLocks& operator=(const OwnerLocks&) = delete;

    // Takes commits of other hosts for known that this state has learnt of since; to be called
    // before anything is decided.
    void read_generations();

    // To be called inside the transaction that commits: counts the commit of each owner. Throws
    // Error{temporary} if somebody else committed to one since the lock was taken, which only
    // happens to a writer that was taken for dead.
    void count_commit();

 private:
    void acquire(const std::string& name);
    bool try_acquire(const std::filesystem::path& path);

    Writer& writer_;
    std::vector<std::string> owners_;
    std::map<std::string, std::int64_t> generations_;
    std::vector<int> descriptors_;
};

}  // namespace hls::zarr
