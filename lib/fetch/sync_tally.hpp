// SPDX-License-Identifier: Apache-2.0
// What came out of many days of a synchronisation.
#pragma once

#include <cstdint>
#include <optional>

#include "core/error.hpp"
#include "core/time.hpp"
#include "fetch/day_sync.hpp"

namespace hls::fetch {

class SyncTally {
 public:
    // Adds a day of which `age` days have passed. `named`: the user asked for this very day, so
    // that it counts as wanted even if it is too young to be there.
    void add(const DayOutcome& day, std::chrono::days age, bool named);

    // A server that refused so many days one after the other will refuse the rest, too.
    bool should_give_up() const;

    std::int64_t ready = 0, published = 0, waiting = 0, failed = 0;
    // The failure that says most about what is to be done: a bad file before a busy server before a
    // wanted day that is not there yet.
    std::optional<Error> worst;
    std::optional<UtcTime> retry_at;  // when the first of the days that failed may be there

 private:
    int temporary_in_row_ = 0;
};

}  // namespace hls::fetch
