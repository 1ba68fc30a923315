// SPDX-License-Identifier: Apache-2.0
// Messages that say an object came, changed or went: S3 notifications and their wrappers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hls::zarr {

enum class EventKind {
    changed,   // an object was written
    removed,   // an object was deleted or has expired
    ignored,   // anything else: restored, tagged, moved to another storage class, a test message
    rejected,  // no event can be made of it; `problem` says why
};

// A hint that the object of `key` may have changed. What is true is asked of the object itself, so
// that lost, doubled and swapped messages do no harm.
struct ObjectEvent {
    EventKind kind = EventKind::rejected;
    std::string name;       // of the event, as the message has it
    std::string bucket;     // empty if not said
    std::string key;        // decoded
    std::string version;    // of a bucket that keeps versions
    std::string sequencer;  // hexadecimal; orders the events of one key only
    std::string problem;
};

// All events of one message or of many, one a line: an S3 notification with any number of records,
// plain or wrapped by SNS, SQS or EventBridge (also in each other), or {"op":"put|remove","key":..}
// with optional bucket, version and sequencer. Keys of S3 notifications are form-encoded and are
// decoded here; those of EventBridge and of {"op"} objects are taken as they are.
//
// Never throws for content: what cannot be understood becomes a rejected event that says why, so
// that one bad message does not hold up the others. Keys that are absolute, climb with "..", or
// hold NUL are rejected.
std::vector<ObjectEvent> parse_events(std::string_view text);

// Which of two sequencers is later, as strong as they can say: less, equal or greater than 0.
// Shorter ones are padded with zeros on the left; case does not matter.
int compare_sequencers(std::string_view first, std::string_view second);

}  // namespace hls::zarr
