// SPDX-License-Identifier: Apache-2.0
// Records of runs that nobody holds a claim for: made by hand, or come after their lease ran out.
#include <array>

#include "log_fixture.hpp"

namespace hls::joblog {
namespace {

using std::chrono::hours;

class LateRecord : public LogTest {
 protected:
    // As a tool writes it that was started by hand.
    ResultRecord by_hand(int exit_code) {
        Unit unit;
        unit.key = "ac:x";
        unit.stage = "ac";
        unit.lease_run = fmt::format("run{}", ++runs_);
        ResultRecord record = record_of(unit, exit_code);
        record.seq.reset();
        return record;
    }

 private:
    int runs_ = 0;
};

constexpr std::array kFailures{1, 65, 66, 71, 74, 75, 124, 137, 143};

TEST_F(LateRecord, AFailureByHandOfAReadyUnitCostsATryAndWaits) {
    for (const int code : kFailures) {
        add_unit("ac:x");
        EXPECT_EQ(apply(by_hand(code)), Applied::applied) << code;
        const Unit failed = unit("ac:x");
        EXPECT_EQ(failed.state, "ready") << code;
        EXPECT_EQ(
            failed.n_infra + failed.n_resource + failed.n_source + failed.n_code + failed.n_wait, 1)
            << code;
        if (code == 65) {
            EXPECT_EQ(claim().size(), 0u) << "not before its backoff is over";
            sleep(hours(7));
            EXPECT_EQ(claim().size(), 1u);
        }
        log_->connection().execute("UPDATE unit SET ukey='ac:'||id, not_before='9999'");
    }
}

TEST_F(LateRecord, FailuresByHandUseUpTheBudget) {
    add_unit("ac:x");
    apply(by_hand(1));
    apply(by_hand(1));
    EXPECT_EQ(state("ac:x"), "held failure");
    EXPECT_EQ(apply(by_hand(75)), Applied::stale) << "it waits for a person already";
    EXPECT_EQ(state("ac:x"), "held failure");
    EXPECT_EQ(apply(by_hand(0)), Applied::applied);
    EXPECT_EQ(state("ac:x"), "done ok");
}

TEST_F(LateRecord, NothingByHandUndoesWhatIsDone) {
    add_unit("ac:x");
    finish("ac:x", 0);
    for (const int code : kFailures) EXPECT_EQ(apply(by_hand(code)), Applied::stale) << code;
    for (const int code : {2, 3, 69}) EXPECT_EQ(apply(by_hand(code)), Applied::stale) << code;
    EXPECT_EQ(state("ac:x"), "done ok");
    EXPECT_EQ(log_->connection().query_int("SELECT count(*) FROM attempt WHERE stale"), 12);
}

TEST_F(LateRecord, AFailureByHandOpensNoGate) {
    add({"LC09_L1TP_033027_20240307_20240307_02_T1"});
    auto record = by_hand(75);
    record.unit = first_tile();
    EXPECT_EQ(apply(record), Applied::stale);
    EXPECT_EQ(unit(record.unit).state, "wait");
}

// The lease ran out and the unit is ready again when its worker is heard of after all.
TEST_F(LateRecord, AFailureAfterTheLeaseIsTakenIn) {
    add_unit("ac:x");
    const Unit run = claim("ac:x");
    sleep(hours(3));
    change([](Change& c) { wake(c); });
    sleep(hours(2));
    change([](Change& c) { wake(c); });
    ASSERT_EQ(unit("ac:x").state, "ready");
    const SchedulerReport report{run.lease_run,
                                 run.key,
                                 run.lease_seq,
                                 std::nullopt,
                                 "Host EC2 (instance i-1) terminated.",
                                 "job",
                                 "{}",
                                 {},
                                 {},
                                 {}};
    EXPECT_EQ(change([&](Change& c) { return apply_scheduler_report(c, report); }),
              Applied::applied);
    EXPECT_EQ(apply(record_of(run, 75)), Applied::applied);
    EXPECT_EQ(unit("ac:x").n_infra, 3);
}

TEST_F(LateRecord, AbsurdRetryAfterIsLimited) {
    for (const char* wait : {"1e300", "1e12", "-5"}) {
        add_unit("ac:x");
        apply(parse_result_record(
            fmt::format(R"({{"v":1,"run_id":"{0}","unit":"ac:x","exit":75,"retry_after_s":{0}}})",
                        wait),
            "test"));
        EXPECT_LE(unit("ac:x").not_before, timestamp(now_ + hours(30 * 24)));
        log_->connection().execute("UPDATE unit SET ukey='ac:'||id");
    }
}

}  // namespace
}  // namespace hls::joblog
