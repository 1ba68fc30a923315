// SPDX-License-Identifier: Apache-2.0
// Which position of one partition may be committed while its messages are worked on in any order.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

namespace hls::chip {

class CommitWindow {
 public:
    // A message was handed out; offsets rise, but need not be dense.
    void given(std::int64_t offset);
    // It is done. Offsets that were never handed out, or twice done, change nothing.
    void finished(std::int64_t offset);

    // The position after the longest run of finished messages from the front, if it moved since the
    // last call: a worker that starts there misses nothing that is not done.
    std::optional<std::int64_t> take_position();

    // No message is handed out and not done.
    bool idle() const { return unfinished_ == 0; }

 private:
    std::map<std::int64_t, bool> done_;  // by offset, from the first that is not committed
    std::int64_t unfinished_ = 0;
    std::optional<std::int64_t> position_;
    bool moved_ = false;
};

}  // namespace hls::chip
