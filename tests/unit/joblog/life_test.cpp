// SPDX-License-Identifier: Apache-2.0
// A unit from claim to its end: budgets, leases, gates, and records that come late or twice.

#include "log_fixture.hpp"

namespace hls::joblog {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class Life : public LogTest {
 protected:
    // Claims, fails and waits until the unit is held; returns the number of tries.
    int tries_until_held(const std::string& key, int exit_code) {
        for (int tries = 1; tries < 50; ++tries) {
            sleep(hours(100));
            finish(key, exit_code);
            if (unit(key).state == "held") return tries;
        }
        return 0;
    }
    void add_pair() { add({"LC09_L1TP_033027_20240307_20240307_02_T1"}); }
};

TEST_F(Life, EachClassHasItsOwnBudget) {
    const std::vector<std::pair<int, int>> tries{{1, 2},  {70, 2},  {139, 2}, {65, 3},  {71, 2},
                                                 {74, 2}, {124, 2}, {137, 2}, {75, 20}, {2, 1},
                                                 {69, 1}, {73, 1},  {77, 1}};
    for (const auto& [code, expected] : tries) {
        const std::string key = fmt::format("ac:code{}", code);
        add_unit(key);
        EXPECT_EQ(tries_until_held(key, code), expected) << "exit code " << code;
        EXPECT_EQ(unit(key).n_run, expected);
    }
}

TEST_F(Life, SpotLossesUseNoOtherBudget) {
    add_unit("ac:x");
    for (int i = 0; i < 10; ++i) finish("ac:x", 143);
    finish("ac:x", 1);
    EXPECT_EQ(unit("ac:x").state, "retry");
    EXPECT_EQ(unit("ac:x").n_infra, 10);
    EXPECT_EQ(unit("ac:x").n_code, 1);
}

TEST_F(Life, ExpectedEndsAreFinal) {
    for (const int code : {3, 4, 5, 7}) {
        const std::string key = fmt::format("ac:code{}", code);
        add_unit(key);
        finish(key, code);
        EXPECT_EQ(unit(key).state, "skipped");
    }
    sleep(hours(10'000));
    EXPECT_EQ(claim().size(), 0u);
}

TEST_F(Life, WaitingForAncillaryEndsAtItsDeadline) {
    add_unit("ac:x");
    finish("ac:x", 66);
    EXPECT_EQ(unit("ac:x").state, "retry");
    for (int day = 1; day < 45; ++day) {
        sleep(hours(24));
        finish("ac:x", 66);
        ASSERT_EQ(unit("ac:x").state, "retry") << "day " << day;
    }
    sleep(hours(24));
    finish("ac:x", 66);
    EXPECT_EQ(state("ac:x"), "held missing_input");
}

TEST_F(Life, RetryAfterIsHonoured) {
    add_unit("ac:x");
    auto record = record_of(claim("ac:x"), 75);
    record.retry_at = now_ + hours(5);
    apply(record);
    EXPECT_EQ(unit("ac:x").not_before, timestamp(now_ + hours(5)));
    sleep(hours(5) - seconds(1));
    EXPECT_EQ(claim().size(), 0u);
    sleep(seconds(2));
    EXPECT_EQ(claim().size(), 1u);
}

TEST_F(Life, MemoryIsRaisedOnce) {
    add_unit("ac:x");
    finish("ac:x", 137);
    EXPECT_DOUBLE_EQ(unit("ac:x").mem_factor, 1.5);
    sleep(hours(1));
    finish("ac:x", 137);
    EXPECT_EQ(state("ac:x"), "held oom");
    EXPECT_DOUBLE_EQ(unit("ac:x").mem_factor, 1.5);
}

TEST_F(Life, DoneNeedsARecordWithOutputs) {
    add_unit("ac:x");
    auto record = record_of(claim("ac:x"), 0);
    record.outputs.clear();
    apply(record);
    EXPECT_EQ(state("ac:x"), "retry no_record");
}

TEST_F(Life, LeasesExpireAndStaleWorkersChangeNothing) {
    add_unit("ac:x");
    const Unit first = claim("ac:x");
    sleep(hours(3));
    change([](Change& c) { wake(c); });
    sleep(hours(1));
    const Unit second = claim("ac:x");
    EXPECT_EQ(second.lease_seq, first.lease_seq + 1);
    EXPECT_EQ(unit("ac:x").n_infra, 1) << "lease_lost";
    EXPECT_FALSE(change([&](Change& c) { return renew_lease(c, first, seconds(60)); }));
    EXPECT_EQ(apply(record_of(first, 0, "stale")), Applied::stale);
    EXPECT_EQ(unit("ac:x").state, "claimed");
    EXPECT_EQ(unit("ac:x").output_fp, "");
    EXPECT_EQ(apply(record_of(second, 0, "good")), Applied::applied);
    EXPECT_EQ(apply(record_of(second, 0, "good")), Applied::duplicate);
    EXPECT_EQ(unit("ac:x").output_fp, record_of(second, 0, "good").output_fingerprint());
    EXPECT_EQ(log_->connection().query_int("SELECT count(*) FROM attempt WHERE stale=1"), 1);
}

TEST_F(Life, ARecordOutlivesItsLeaseUntilSomebodyTakesOver) {
    add_unit("ac:x");
    const Unit first = claim("ac:x");
    sleep(hours(3));
    change([](Change& c) { wake(c); });
    EXPECT_NE(unit("ac:x").state, "claimed");
    EXPECT_EQ(apply(record_of(first, 0)), Applied::applied);
    EXPECT_EQ(state("ac:x"), "done ok");
}

TEST_F(Life, RecordsOfRunsThatNeverWereAreRefused) {
    add_unit("ac:x");
    auto record = record_of(claim("ac:x"), 0);
    record.run_id = "other";
    EXPECT_EQ(code_of([&] { apply(record); }), Exit::bad_input);
    record.seq = 7;
    EXPECT_EQ(code_of([&] { apply(record); }), Exit::bad_input);
    record.unit = "ac:unknown";
    EXPECT_EQ(code_of([&] { apply(record); }), Exit::missing_input);
    EXPECT_EQ(log_->connection().query_int("SELECT count(*) FROM attempt"), 0);
    EXPECT_EQ(unit("ac:x").state, "claimed");
}

TEST_F(Life, AttemptsAndEventsAreAppendOnly) {
    add_unit("ac:x");
    finish("ac:x", 0);
    for (const char* sql :
         {"UPDATE attempt SET exit_code=0", "DELETE FROM attempt", "UPDATE event SET note='x'",
          "DELETE FROM event", "UPDATE unit SET state='claimed'"})
        EXPECT_EQ(code_of([&] { log_->connection().execute(sql); }), Exit::internal) << sql;
    EXPECT_EQ(log_->connection().query_text("SELECT group_concat(to_state) FROM event"),
              "ready,claimed,done");
}

TEST_F(Life, AClockThatGoesBackChangesNothing) {
    add_unit("ac:x");
    now_ -= minutes(2);
    EXPECT_EQ(code_of([&] { claim(); }), Exit::temporary);
    EXPECT_EQ(unit("ac:x").state, "ready");
    now_ += seconds(90);
    EXPECT_EQ(claim().size(), 1u) << "clocks of one machine differ a little";
}

TEST_F(Life, TheLastSceneOpensTheTile) {
    add_pair();
    const std::string tile = first_tile();
    const auto rows = members(tile);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(unit(tile).state, "wait");
        if (rows[i] != "ac:033/027/2024-03-07") add_unit(rows[i]);
        finish(rows[i], i == 0 ? 0 : 3, "scene");
    }
    EXPECT_EQ(unit(tile).state, "ready");
    finish(tile, 0);
    EXPECT_EQ(state(tile), "done ok");
}

TEST_F(Life, TilesCloseAfterTheirTimeAndUpgradeLater) {
    add_pair();
    const std::string tile = first_tile();
    auto rows = members(tile);
    if (rows.size() < 2) GTEST_FAIL() << "needs a tile of two rows";
    const std::string here = "ac:033/027/2024-03-07";
    std::erase(rows, here);
    finish(here, 0, "north");
    sleep(hours(95));
    change([](Change& c) { wake(c); });
    EXPECT_EQ(unit(tile).state, "wait");
    sleep(hours(2));
    change([](Change& c) { wake(c); });
    EXPECT_EQ(state(tile), "ready partial");
    finish(tile, 0, "partial");
    EXPECT_EQ(state(tile), "done ok");

    add_unit(rows.front());
    finish(rows.front(), 0, "south");
    EXPECT_EQ(state(tile), "ready upgrade");
    finish(tile, 0, "complete");
    EXPECT_EQ(state(tile), "done ok");
    // The same scene made again with the same bytes is no reason for anything.
    change([&](Change& c) { move_unit(c, unit(here), "ready", "redrive"); });
    finish(here, 0, "north");
    EXPECT_EQ(state(tile), "done ok");
}

TEST_F(Life, ASceneThatComesWhileTheTileRunsOpensItAgain) {
    add_pair();
    const std::string tile = first_tile();
    auto rows = members(tile);
    std::erase(rows, "ac:033/027/2024-03-07");
    finish("ac:033/027/2024-03-07", 0);
    sleep(hours(97));
    const Unit running = claim(tile);
    add_unit(rows.front());
    finish(rows.front(), 0);
    EXPECT_EQ(unit(tile).state, "claimed");
    apply(record_of(running, 0));
    EXPECT_EQ(state(tile), "ready upgrade");
}

TEST_F(Life, StrictCompatibilityHasNoUpgrades) {
    log_->set("upgrade", "no");
    add_pair();
    const std::string tile = first_tile();
    auto rows = members(tile);
    std::erase(rows, "ac:033/027/2024-03-07");
    finish("ac:033/027/2024-03-07", 0);
    sleep(hours(97));
    finish(tile, 0);
    add_unit(rows.front());
    finish(rows.front(), 0);
    EXPECT_EQ(state(tile), "done ok");
}

TEST_F(Life, TilesWithoutAnySceneAreSkipped) {
    add_pair();
    const std::string tile = first_tile();
    finish("ac:033/027/2024-03-07", 3);
    sleep(hours(97));
    change([](Change& c) { wake(c); });
    EXPECT_EQ(state(tile), "skipped no_scene");
}

TEST_F(Life, TinyOverlapsNeedNotBlock) {
    add_pair();
    const auto tile = log_->connection().query_text(
        "SELECT u.ukey FROM unit u WHERE stage='tile' AND (SELECT sum(weight) FROM dependency d "
        "WHERE d.unit_id=u.id AND need_key<>'ac:033/027/2024-03-07')>1 LIMIT 1");
    ASSERT_NE(tile, "");
    log_->set("tiny-overlap", "100");
    finish("ac:033/027/2024-03-07", 0);
    EXPECT_EQ(state(tile), "ready partial");
}

TEST_F(Life, AHeldSceneClosesTheTileAndComesBack) {
    add_pair();
    const std::string tile = first_tile();
    const auto rows = members(tile);
    for (const auto& row : rows) {
        if (row != "ac:033/027/2024-03-07") add_unit(row);
        finish(row, row == rows.front() ? 2 : 0);
    }
    EXPECT_EQ(state(tile), "ready settled");
    finish(tile, 0);
    change([&](Change& c) { move_unit(c, unit(rows.front()), "ready", "released"); });
    EXPECT_EQ(unit(tile).state, "done");
    finish(rows.front(), 0);
    EXPECT_EQ(state(tile), "ready upgrade");
}

TEST_F(Life, NamesOfProductsStay) {
    add_pair();
    const std::string tile = first_tile();
    change([&](Change& c) { move_unit(c, unit(tile), "ready", "partial"); });
    const auto named = [&](const std::string& id) {
        auto record = record_of(claim(tile), 0);
        record.outputs = {{"out/" + id + "/" + id + ".B01.tif", 1, "x"},
                          {"out/" + id + "/" + id + ".B02.tif", 1, "y"}};
        apply(record);
    };
    named("HLS.L30.T13TFN.2024067T173204.v2.0");
    EXPECT_EQ(unit(tile).hls_id, "HLS.L30.T13TFN.2024067T173204.v2.0");
    change([&](Change& c) { move_unit(c, unit(tile), "ready", "redrive"); });
    named("HLS.L30.T13TFN.2024067T173205.v2.0");
    EXPECT_EQ(unit(tile).hls_id, "HLS.L30.T13TFN.2024067T173204.v2.0");
}

TEST_F(Life, BrokenCopiesAreFetchedAgain) {
    IntakeRules rules;
    rules.plan.fetch = true;
    const std::string id = "LC09_L1TP_033027_20240307_20240307_02_T1";
    add({id}, rules);
    finish("fetch:" + id, 0);
    finish("ac:033/027/2024-03-07", 65);
    EXPECT_EQ(state("ac:033/027/2024-03-07"), "wait inputs");
    EXPECT_EQ(state("fetch:" + id), "ready refetch");
    finish("fetch:" + id, 0);
    EXPECT_EQ(state("ac:033/027/2024-03-07"), "ready inputs_done");
}

TEST_F(Life, PriorityThenNewestFirst) {
    IntakeRules historic;
    historic.track = "historic";
    historic.priority = 80;
    add({"LC09_L1TP_033027_20200307_20200307_02_T1"}, historic);
    add({"LC09_L1TP_033027_20240301_20240307_02_T1", "LC09_L1TP_033027_20240307_20240307_02_T1"});
    ClaimRequest request;
    request.count = 10;
    std::vector<std::string> dates;
    for (const Unit& unit : claim(request)) dates.push_back(unit.acq_date);
    EXPECT_EQ(dates, (std::vector<std::string>{"2024-03-07", "2024-03-01", "2020-03-07"}));
}

TEST_F(Life, SchedulersSpeakOnlyWhereRecordsAreSilent) {
    add_unit("ac:x");
    const auto report = [&](const Unit& unit, std::optional<int> code, const std::string& reason) {
        SchedulerReport r{
            unit.lease_run, unit.key, unit.lease_seq, code, reason, "job", "{}", {}, {}, {}};
        return change([&](Change& c) { return apply_scheduler_report(c, r); });
    };
    Unit run = claim("ac:x");
    report(run, std::nullopt, "Host EC2 (instance i-1) terminated.");
    EXPECT_EQ(unit("ac:x").n_infra, 1);
    sleep(hours(2));
    run = claim("ac:x");
    report(run, 0, "Essential container in task exited");
    EXPECT_EQ(unit("ac:x").state, "claimed") << "exit 0 proves nothing";
    apply(record_of(run, 0));
    EXPECT_EQ(state("ac:x"), "done ok");
    EXPECT_EQ(report(run, 1, ""), Applied::duplicate);
    EXPECT_EQ(state("ac:x"), "done ok");
}

TEST_F(Life, ViewsOfTheOriginalAnswer) {
    add_pair();
    finish("ac:033/027/2024-03-07", 1);
    auto row = log_->connection().prepare(
        "SELECT path, row, acquisition, scene_id, run_count, historic FROM landsat_ac_log");
    ASSERT_TRUE(row.step());
    EXPECT_EQ(row.text(0) + row.text(1), "033027");
    EXPECT_EQ(row.text(3), "LC09_L1TP_033027_20240307_20240307_02_T1");
    EXPECT_EQ(row.integer(4), 1);
    EXPECT_GT(log_->connection().query_int("SELECT count(*) FROM landsat_mgrs_log"), 0);
    EXPECT_EQ(log_->connection().query_int("SELECT count(*) FROM sentinel_log"), 0);
}

TEST(ResultRecordLine, RefusesWhatIsNone) {
    const std::string good =
        R"({"v":1,"run_id":"r","unit":"u","seq":3,"exit":0,"outputs":[{"path":"a/b","bytes":1}]})";
    EXPECT_EQ(parse_result_record("HLS_RESULT " + good, "test").seq, 3);
    for (const char* bad : {"", "{", "[]", R"({"v":2,"run_id":"r","unit":"u","exit":0})",
                            R"({"v":1,"unit":"u","exit":0})", R"({"v":1,"run_id":"r","unit":"u"})",
                            R"({"v":1,"run_id":"r","unit":"u","exit":"0"})",
                            R"({"v":1,"run_id":"r","unit":"u","exit":300})",
                            R"({"v":1,"run_id":"r","unit":"u","exit":0,"seq":"1"})",
                            R"({"v":1,"run_id":"r","unit":"u","exit":0,"outputs":[1]})",
                            R"({"v":1,"run_id":"r","unit":"u","exit":0,"t0":"yesterday"})"})
        try {
            parse_result_record(bad, "line 1");
            ADD_FAILURE() << bad;
        } catch (const Error& error) {
            EXPECT_EQ(error.code, Exit::bad_input);
        }
}

TEST(ResultRecordLine, OutputsHaveAFolderAndAFingerprint) {
    ResultRecord record;
    record.outputs = {{"/o/id/a.tif", 1, "aa"}, {"/o/id/b.tif", 1, "bb"}};
    EXPECT_EQ(record.output_uri(), "/o/id");
    const auto print = record.output_fingerprint();
    std::swap(record.outputs[0], record.outputs[1]);
    EXPECT_EQ(record.output_fingerprint(), print);
    record.outputs[0].sha256 = "cc";
    EXPECT_NE(record.output_fingerprint(), print);
}

}  // namespace
}  // namespace hls::joblog
