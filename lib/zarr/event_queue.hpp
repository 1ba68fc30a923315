// SPDX-License-Identifier: Apache-2.0
// Hints that wait to be worked on: durable, one per key, claimed by one writer at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "zarr/object_event.hpp"
#include "zarr/writer.hpp"

namespace hls::zarr {

struct QueuedEvent {
    std::int64_t id = 0;
    std::string key;
    std::string sequencer;
    std::string version;
    std::int64_t serial = 0;  // grows when a further hint for the key comes
    std::int64_t queued_ms = 0;
    int tries = 0;
};

struct QueueStatus {
    std::int64_t waiting = 0;
    std::int64_t claimed = 0;
    std::int64_t oldest_ms = 0;  // when the oldest came; 0 if none waits
    std::int64_t dead = 0;
};

// A file that fails this often is set aside, so that it cannot stop those behind it.
inline constexpr int kMaxTries = 5;

class EventQueue {
 public:
    explicit EventQueue(StateFolder& state) : state_(state) {}

    // Takes hints of kind changed and removed. When it returns they are on the disk.
    void add(std::span<const ObjectEvent> events);

    // The oldest that nobody works on and that are due, at most `count`. Claims of writers that are
    // gone or fenced lapse.
    std::vector<QueuedEvent> claim(const Writer& writer, std::uint64_t count);
    // What claim() would give, without claiming.
    std::vector<QueuedEvent> peek(std::uint64_t count);

    // To be called inside the transaction that commits the work. A hint that came meanwhile stays.
    void finish(const QueuedEvent& event);
    // Gives events back unchanged.
    void release(std::span<const QueuedEvent> events);
    // After a failure: another try after a pause, or the dead letters if tries or patience are at
    // an end. `lasting` says that trying again is useless. True if the event is dead.
    bool fail(const QueuedEvent& event, const Error& error, bool lasting);
    // Puts dead letters back into the queue; how many.
    int revive();

    QueueStatus status();
    // How many of these keys still wait or are being worked on.
    std::int64_t pending(std::span<const std::string> keys);
    // Milliseconds until the next event that waits for another try is due; nullopt if none does.
    std::optional<std::int64_t> next_due_ms();

 private:
    void release_lapsed();

    StateFolder& state_;
};

}  // namespace hls::zarr
