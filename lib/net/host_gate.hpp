// SPDX-License-Identifier: Apache-2.0
// How fast and how often one host may be asked: connections, requests a second, and pauses it asked
// for. Shared by all clients of a process.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "net/retry.hpp"

namespace hls::net {

struct HostLimits {
    int connections = 16;
    double requests_per_second = 100;
    // Name of slots that all processes of this user share, empty for none: slot N is the lock of
    // <state folder>/<name>.slot.N.
    std::string shared_slots;
    // For so long the server counts a transfer that broke off.
    Seconds after_break{0};
};

// One host or group of hosts. Thread-safe.
class HostGate {
 public:
    HostGate(HostLimits limits, std::filesystem::path slot_folder);
    ~HostGate();
    HostGate(const HostGate&) = delete;
    HostGate& operator=(const HostGate&) = delete;

    // Takes a place and returns nullopt, or says when to ask again.
    std::optional<Clock::time_point> try_enter(Clock::time_point now);
    // Waits for a place and takes it; false under a GateBypass. Throws when cancelled, and
    // Error{temporary} when the host asked to be left alone for longer than `longest_pause`.
    bool enter(Seconds longest_pause);
    // Gives the place back; after a transfer that broke off only when the server has noticed, too.
    void leave(bool broken = false);
    Seconds after_break() const { return limits_.after_break; }

    // What a request came to. A throttled host is left alone until `told` (else `delay`) has passed
    // and gets half its connections, one more for every 20 successes; a host that cannot be
    // reached is probed by one connection after `delay`.
    void succeeded();
    void throttled(Seconds pause);
    void unreachable(Seconds delay);

    Clock::time_point paused_until() const;

 private:
    bool take_slot();
    void free_place();
    void free_broken(Clock::time_point now);

    mutable std::mutex mutex_;
    HostLimits limits_;
    std::filesystem::path slot_folder_;
    std::vector<int> slots_;                       // descriptors of the locks held
    std::vector<Clock::time_point> broken_until_;  // places of transfers that broke off
    int active_ = 0;
    int allowed_;
    int successes_ = 0;
    int failures_in_row_ = 0;
    double tokens_;
    Clock::time_point refilled_;
    Clock::time_point paused_until_{};
};

// While it lives, requests of this thread take no place and wait for none: those that fetch
// credentials, since the downloads that wait for them may hold every place of the very host.
class GateBypass {
 public:
    GateBypass();
    ~GateBypass();
    GateBypass(const GateBypass&) = delete;
    GateBypass& operator=(const GateBypass&) = delete;
};

// The gate of a host; made with the limits that the endpoint table has for it.
HostGate& host_gate(const Url& url);

}  // namespace hls::net
