// SPDX-License-Identifier: Apache-2.0
#include "fetch/sync_tally.hpp"

#include <fmt/format.h>

namespace hls::fetch {
namespace {

// Days this young need not be there yet: the archive takes a day or two.
constexpr std::chrono::days kGrace{3};
constexpr int kMostTemporary = 3;

int weight(Exit code) {
    return code == Exit::bad_input ? 3 : code == Exit::temporary ? 2 : 1;
}

}  // namespace

void SyncTally::add(const DayOutcome& day, std::chrono::days age, bool named) {
    ready += day.state == "ready";
    published += day.is_new();
    waiting += day.state == "waiting";
    failed += day.state == "failed";
    temporary_in_row_ = day.exit == Exit::temporary ? temporary_in_row_ + 1 : 0;
    const bool wanted = named || age >= kGrace;
    if (day.exit == Exit::ok || (day.state == "waiting" && !wanted)) return;
    if (day.retry_at && (!retry_at || *day.retry_at < *retry_at)) retry_at = day.retry_at;
    if (worst && weight(day.exit) <= weight(worst->code)) return;
    worst =
        Error{day.exit, day.message,
              day.retry_at ? fmt::format("try again at {}", format_utc(*day.retry_at)) : day.hint};
}

bool SyncTally::should_give_up() const {
    return temporary_in_row_ >= kMostTemporary;
}

}  // namespace hls::fetch
