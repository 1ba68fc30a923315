// SPDX-License-Identifier: Apache-2.0
// Units on their way through AWS Batch, with a service that the test plays.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "core/error.hpp"
#include "retry/batch_queue.hpp"

namespace hls::retry {
namespace {

using joblog::Change;
using joblog::JobLog;

class Batch : public testing::Test {
 protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "hls-batch-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        log_ = std::make_unique<JobLog>(
            JobLog::create(folder_ / "hls.db", store::Journal::wal, std::chrono::seconds(5)));
        options_.claim.count = 1000;
        options_.claim.lease = joblog::seconds(86400);
        options_.claim.owner = "test";
        options_.command = {"tool", "{unit}"};
        options_.limits = {1000, 60};
        options_.queue = "spot";
        options_.on_demand_queue = "sure";
        options_.definition = "hls-ac";
        options_.items = "lists";
        options_.spool = "spool";
    }
    void TearDown() override {
        log_.reset();
        std::filesystem::remove_all(folder_);
    }

    void add_units(int count, const std::string& more = "") {
        for (int i = 0; i < count; ++i)
            log_->connection().execute(
                fmt::format("INSERT INTO unit(ukey,stage,state,created_at,changed_at) "
                            "VALUES('ac:{}{}','ac','ready','2024-01-01','2024-01-01')",
                            i, more));
    }
    std::int64_t count(const std::string& where) {
        return log_->connection().query_int("SELECT count(*) FROM unit WHERE " + where);
    }
    BatchService service() {
        BatchService played;
        played.call = [this](const std::string& path, const std::string& body, bool) {
            calls_.push_back(path);
            bodies_.push_back(body);
            if (path == "/v1/listjobs") return list_answer_;
            if (lose_ > 0) {
                --lose_;
                throw Error{Exit::temporary, "the answer got lost"};
            }
            return fmt::format(R"({{"jobId":"job{}","jobName":"x"}})", ++jobs_);
        };
        played.write = [this](const std::string& uri, const std::string& text) {
            written_.emplace_back(uri, text);
        };
        played.sleep = [this](std::chrono::duration<double> time) { slept_ += time.count(); };
        return played;
    }

    std::filesystem::path folder_;
    std::unique_ptr<JobLog> log_;
    SubmitOptions options_;
    std::vector<std::string> calls_, bodies_;
    std::vector<std::pair<std::string, std::string>> written_;
    std::string list_answer_ = R"({"jobSummaryList":[]})";
    int lose_ = 0, jobs_ = 0;
    double slept_ = 0;
};

TEST_F(Batch, ArraysHoldOneLineForEachChild) {
    add_units(25);
    options_.array_size = 10;
    options_.rate = 2;
    const auto report = submit_batch(*log_, options_, service());
    EXPECT_EQ(report.units, 25);
    EXPECT_EQ(report.jobs, 3);
    EXPECT_DOUBLE_EQ(slept_, 1) << "two waits of half a second";
    ASSERT_EQ(written_.size(), 3u);
    EXPECT_EQ(std::ranges::count(written_[0].second, '\n'), 10);
    EXPECT_EQ(count("job='job1:9' AND state='claimed'"), 1);
    EXPECT_NE(bodies_[0].find(R"("arrayProperties":{"size":10})"), std::string::npos);
    EXPECT_EQ(bodies_[0].find("resourceRequirements"), std::string::npos);
    const auto item = parse_item(written_[0].second.substr(0, written_[0].second.find('\n')), "t");
    EXPECT_EQ(item.command, (std::vector<std::string>{"tool", item.unit}));
}

TEST_F(Batch, OneUnitIsNoArray) {
    add_units(2);
    options_.array_size = 1;
    EXPECT_EQ(submit_batch(*log_, options_, service()).jobs, 2);
    EXPECT_EQ(bodies_[0].find("arrayProperties"), std::string::npos);
    EXPECT_EQ(count("job='job2'"), 1);
}

TEST_F(Batch, NothingDueSubmitsNothing) {
    EXPECT_EQ(submit_batch(*log_, options_, service()).jobs, 0);
    EXPECT_TRUE(calls_.empty());
}

TEST_F(Batch, NoMoreThanMayBeActive) {
    add_units(10);
    options_.max_active = 4;
    EXPECT_EQ(submit_batch(*log_, options_, service()).units, 4);
    EXPECT_EQ(submit_batch(*log_, options_, service()).units, 0);
    EXPECT_EQ(count("state='ready'"), 6);
}

TEST_F(Batch, RaisedUnitsAskForMoreAndLostOnesForAnotherQueue) {
    add_units(1);
    log_->connection().execute("UPDATE unit SET mem_factor=1.5, time_factor=2, n_infra=2");
    submit_batch(*log_, options_, service());
    EXPECT_NE(bodies_[0].find(R"("value":"1500")"), std::string::npos) << bodies_[0];
    EXPECT_NE(bodies_[0].find(R"("attemptDurationSeconds":120)"), std::string::npos);
    EXPECT_NE(bodies_[0].find(R"("jobQueue":"sure")"), std::string::npos);
}

TEST_F(Batch, ALostAnswerNeverSubmitsTwice) {
    add_units(3);
    lose_ = 1;
    list_answer_ = R"({"jobSummaryList":[{"jobId":"found","jobName":"x"}]})";
    submit_batch(*log_, options_, service());
    EXPECT_EQ(calls_, (std::vector<std::string>{"/v1/submitjob", "/v1/listjobs"}));
    EXPECT_EQ(count("job='found:2'"), 1);
}

TEST_F(Batch, AnswersThatWereNeverThereAreAskedForAgain) {
    add_units(1);
    lose_ = 1;
    submit_batch(*log_, options_, service());
    EXPECT_EQ(calls_, (std::vector<std::string>{"/v1/submitjob", "/v1/listjobs", "/v1/submitjob"}));
}

TEST_F(Batch, UnitsThatCouldNotBeSubmittedAreGivenBack) {
    add_units(5);
    lose_ = 100;
    EXPECT_THROW(submit_batch(*log_, options_, service()), Error);
    EXPECT_EQ(count("state='ready' AND reason='released'"), 5);
}

TEST_F(Batch, UnitsOfAJobThatMayRunStayClaimed) {
    add_units(5);
    options_.array_size = 2;
    auto silent = service();
    silent.call = [](const std::string&, const std::string&, bool) -> std::string {
        throw Error{Exit::temporary, "nobody answers, neither whether the job is there"};
    };
    EXPECT_THROW(submit_batch(*log_, options_, silent), Error);
    EXPECT_EQ(count("state='claimed'"), 2);
    EXPECT_EQ(count("state='ready' AND reason='released'"), 3);
}

TEST_F(Batch, ParentsAndStrangersAreLeftAlone) {
    add_units(2);
    submit_batch(*log_, options_, service());
    const auto jobs = parse_documents(
        R"({"detail":{"jobId":"job1","status":"FAILED","arrayProperties":{"size":2}}}
{"detail":{"jobId":"job1","status":"FAILED","arrayProperties":{"size":2,"index":1},"attempts":[{"container":{"exitCode":5}}]}}
{"detail":{"jobId":"other","status":"FAILED"}}
{"detail":{"jobId":"strange","status":"FAILED","arrayProperties":{"index":"x"}}})",
        "test");
    const auto report = apply_jobs(*log_, jobs, joblog::seconds(100));
    EXPECT_EQ(report.ended, 1);
    EXPECT_EQ(report.foreign, 2);
    EXPECT_EQ(count("state='skipped' AND reason='empty'"), 1);
    EXPECT_EQ(count("state='claimed'"), 1);
}

}  // namespace
}  // namespace hls::retry
