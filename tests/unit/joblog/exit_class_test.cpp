// SPDX-License-Identifier: Apache-2.0
// The table of hls(7), row by row, and what schedulers say where a code is not enough.
#include "joblog/exit_class.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <vector>

#include "core/error.hpp"

namespace hls::joblog {
namespace {

std::string told(std::optional<int> code, std::string_view reason = {}) {
    const Verdict verdict = classify({code, reason});
    return std::string(exit_class_name(verdict.klass)) + ' ' + verdict.reason;
}

TEST(ExitClass, EveryCodeOfTheTableHasItsClass) {
    for (const ExitInfo& info : exit_table())
        EXPECT_EQ(told(static_cast<int>(info.code)),
                  std::string(info.klass) + ' ' + std::string(info.word));
}

TEST(ExitClass, OtherCodesAreFaultsOfTheCode) {
    for (const int code : {6, 8, 10, 20, 64, 78, 101, 255})
        EXPECT_EQ(told(code), "code exit_" + std::to_string(code));
}

TEST(ExitClass, Signals) {
    EXPECT_EQ(told(128 + SIGSEGV), "code signal_11");
    EXPECT_EQ(told(128 + SIGABRT), "code signal_6");
    EXPECT_EQ(told(128 + SIGBUS), "code signal_7");
    EXPECT_EQ(told(128 + SIGKILL), "resource oom");
    EXPECT_EQ(told(128 + SIGXCPU), "resource timeout");
    EXPECT_EQ(told(128 + SIGTERM), "infra terminated");
    EXPECT_EQ(told(128 + SIGINT), "infra interrupted");
    EXPECT_EQ(told(128 + SIGHUP), "infra hangup");
}

TEST(ExitClass, TheSchedulerSaysWhatACodeCannot) {
    EXPECT_EQ(told(137, "OutOfMemoryError: Container killed due to memory usage"), "resource oom");
    EXPECT_EQ(told(137, "Job attempt duration exceeded timeout"), "resource timeout");
    EXPECT_EQ(told(137, "Host EC2 (instance i-0abc) terminated."), "infra spot");
    EXPECT_EQ(told(std::nullopt, "Host EC2 (instance i-0abc) terminated."), "infra spot");
    EXPECT_EQ(told(std::nullopt, "CannotPullContainerError: context canceled"), "infra image_pull");
    EXPECT_EQ(told(std::nullopt, "cancelled by hls-retry"), "cancelled cancelled");
    EXPECT_EQ(told(std::nullopt, ""), "infra lost");
    EXPECT_EQ(told(std::nullopt, "something nobody has seen"), "infra lost");
    EXPECT_EQ(told(3, "Essential container in task exited"), "expected low_sun");
    EXPECT_EQ(told(1, "Essential container in task exited"), "code failure");
}

TEST(ExitClass, BackoffsGrowWithFullJitter) {
    using std::chrono::minutes;
    const Verdict infra{ExitClass::infra, "temporary"};
    const auto longest = [&](int n) { return backoff(infra, {n, 1}); };
    EXPECT_EQ(longest(1), minutes(1));
    EXPECT_EQ(longest(2), minutes(2));
    EXPECT_EQ(longest(5), minutes(16));
    EXPECT_EQ(longest(7), minutes(60));
    EXPECT_EQ(longest(20), minutes(60));
    EXPECT_EQ(backoff(infra, {3, 0}), minutes(0));
    EXPECT_EQ(backoff(infra, {3, 0.5}), minutes(2));
    EXPECT_EQ(backoff({ExitClass::infra, "terminated"}, {9, 1}), minutes(0));
    EXPECT_EQ(backoff({ExitClass::source, "bad_input"}, {1, 0}), std::chrono::hours(6));
    EXPECT_EQ(backoff({ExitClass::source, "bad_input"}, {2, 0}), std::chrono::hours(24));
    EXPECT_EQ(backoff({ExitClass::source, "bad_input"}, {9, 0}), std::chrono::hours(72));
    EXPECT_EQ(backoff({ExitClass::code, "failure"}, {1, 0}), minutes(10));
    EXPECT_EQ(backoff({ExitClass::wait, "missing_input"}, {5, 0}), std::chrono::hours(1));
}

TEST(ExitClass, MemoryAndTimeAreRaisedOnce) {
    const Factors once = raised({ExitClass::resource, "oom"}, {});
    EXPECT_DOUBLE_EQ(once.memory, 1.5);
    EXPECT_DOUBLE_EQ(once.time, 1);
    EXPECT_DOUBLE_EQ(raised({ExitClass::resource, "oom"}, once).memory, 1.5);
    EXPECT_DOUBLE_EQ(raised({ExitClass::resource, "time_limit"}, once).time, 2);
    EXPECT_DOUBLE_EQ(raised({ExitClass::resource, "io_error"}, {}).memory, 1);
}

// The production system's flags: 0 succeeded, 3, 4 and 137 expected and never tried again, all else
// unexpected. Ours differ where that lost work or repeated what was final.
TEST(ExitClass, AsTheProductionSystemButForTheListedChanges) {
    const auto theirs = [](int code) {
        if (code == 0) return ExitClass::ok;
        return code == 3 || code == 4 || code == 137 ? ExitClass::expected : ExitClass::code;
    };
    std::vector<int> changed;
    for (int code = 0; code < 256; ++code) {
        const auto ours = classify({code}).klass;
        const bool final_end = ours == ExitClass::ok || ours == ExitClass::expected;
        if ((final_end ? ours : ExitClass::code) != theirs(code)) changed.push_back(code);
    }
    EXPECT_EQ(changed, (std::vector<int>{5, 7, 137}))
        << "an empty tile and a refused scene are final; what was killed is tried again";
    EXPECT_EQ(classify({}).klass, ExitClass::infra) << "no code, no attempts: lost, not an error";
}

}  // namespace
}  // namespace hls::joblog
