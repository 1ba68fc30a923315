// SPDX-License-Identifier: Apache-2.0
#include "fetch/sync_tally.hpp"

#include <gtest/gtest.h>

namespace hls::fetch {
namespace {

using namespace std::chrono;

DayOutcome outcome(const std::string& state, Exit exit) {
    DayOutcome day;
    day.date = 2024y / 3 / 7;
    day.state = state;
    day.action = state == "ready" ? "published" : "none";
    day.exit = exit;
    day.message = state;
    return day;
}

TEST(SyncTally, CountsWhatCameOut) {
    SyncTally tally;
    tally.add(outcome("ready", Exit::ok), days{9}, false);
    tally.add(outcome("failed", Exit::bad_input), days{9}, false);
    tally.add(outcome("waiting", Exit::missing_input), days{9}, false);
    EXPECT_EQ(tally.ready, 1);
    EXPECT_EQ(tally.published, 1);
    EXPECT_EQ(tally.failed, 1);
    EXPECT_EQ(tally.waiting, 1);
}

TEST(SyncTally, TheFailureThatSaysMostIsTold) {
    SyncTally tally;
    tally.add(outcome("waiting", Exit::missing_input), days{9}, false);
    ASSERT_TRUE(tally.worst);
    EXPECT_EQ(tally.worst->code, Exit::missing_input);
    tally.add(outcome("failed", Exit::temporary), days{9}, false);
    EXPECT_EQ(tally.worst->code, Exit::temporary);
    tally.add(outcome("failed", Exit::bad_input), days{9}, false);
    EXPECT_EQ(tally.worst->code, Exit::bad_input);
    tally.add(outcome("failed", Exit::temporary), days{9}, false);
    EXPECT_EQ(tally.worst->code, Exit::bad_input);
}

TEST(SyncTally, YoungDaysMayWaitUnlessTheyWereNamed) {
    SyncTally tally;
    tally.add(outcome("waiting", Exit::missing_input), days{2}, false);
    EXPECT_FALSE(tally.worst);
    EXPECT_EQ(tally.waiting, 1);
    tally.add(outcome("waiting", Exit::missing_input), days{2}, true);
    EXPECT_TRUE(tally.worst);
}

TEST(SyncTally, TheFirstDayThatMayBeThereIsWhenToTryAgain) {
    SyncTally tally;
    const UtcTime late = sys_days{2024y / 3 / 9}, early = sys_days{2024y / 3 / 8};
    for (const UtcTime at : {late, early, late}) {
        auto day = outcome("waiting", Exit::missing_input);
        day.retry_at = at;
        tally.add(day, days{9}, false);
    }
    EXPECT_EQ(tally.retry_at, early);
    EXPECT_EQ(tally.worst->hint, "try again at 2024-03-09T00:00:00Z");
}

TEST(SyncTally, GivesUpWhenThreeDaysInARowAreRefused) {
    SyncTally tally;
    for (const Exit exit :
         {Exit::temporary, Exit::temporary, Exit::ok, Exit::temporary, Exit::temporary})
        tally.add(outcome("failed", exit), days{9}, false);
    EXPECT_FALSE(tally.should_give_up());
    tally.add(outcome("failed", Exit::temporary), days{9}, false);
    EXPECT_TRUE(tally.should_give_up());
}

}  // namespace
}  // namespace hls::fetch
