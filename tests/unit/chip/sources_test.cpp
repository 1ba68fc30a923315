// SPDX-License-Identifier: Apache-2.0
// Where tasks come from: what is committed, what goes back, what counts once.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "chip/commit_window.hpp"
#include "chip/folder_queue.hpp"
#include "chip/progress_report.hpp"
#include "chip/run_tasks.hpp"
#include "chip/task_source.hpp"
#include "core/error.hpp"

namespace hls::chip {
namespace {

TEST(CommitWindow, CommitsTheLongestFinishedRunFromTheFront) {
    CommitWindow window;
    for (const int offset : {5, 6, 8, 9}) window.given(offset);  // 7 is a gap of compaction
    EXPECT_FALSE(window.take_position());
    window.finished(6);
    window.finished(9);
    EXPECT_FALSE(window.take_position()) << "5 is not done";
    window.finished(5);
    EXPECT_EQ(window.take_position(), 7);
    EXPECT_FALSE(window.take_position()) << "told once";
    EXPECT_FALSE(window.idle());
    window.finished(8);
    EXPECT_EQ(window.take_position(), 10);
    EXPECT_TRUE(window.idle());
}

TEST(CommitWindow, IgnoresWhatItDoesNotKnow) {
    CommitWindow window;
    window.given(3);
    window.finished(2);
    window.finished(3);
    window.finished(3);
    EXPECT_EQ(window.take_position(), 4);
    window.given(1);  // read again after a rebalance, long committed
    EXPECT_TRUE(window.idle());
    EXPECT_FALSE(window.take_position());
}

TEST(StreamSource, NumbersLinesAndStops) {
    std::istringstream text("a\n\n b\nc");
    const auto source = make_stream_source(text);
    const auto first = source->next();
    EXPECT_EQ(first->where, "line 1");
    EXPECT_TRUE(first->may_be_plan && first->ended);
    EXPECT_EQ(source->next()->where, "line 3");
    const auto last = source->next();
    EXPECT_FALSE(last->may_be_plan || last->ended);
    EXPECT_FALSE(source->next());
    std::istringstream more("a\nb\n");
    const auto stopped = make_stream_source(more);
    stopped->stop();
    EXPECT_FALSE(stopped->next());
}

std::string result_of(const std::string& task, TaskStatus status, int attempt, int chips) {
    TaskResult result;
    result.plan_id = "p-1";
    result.task_id = task;
    result.status = status;
    result.attempt = attempt;
    result.chips_per_class[3] = chips;
    return format_task_result(result, false);
}

TEST(Progress, CountsEveryTaskOnceByItsBestResult) {
    ProgressFold fold("");
    fold.add(result_of("t-1", TaskStatus::ok, 1, 4));
    fold.add(result_of("t-1", TaskStatus::ok, 1, 4));
    fold.add(result_of("t-2", TaskStatus::failed, 1, 0));
    fold.add(result_of("t-2", TaskStatus::ok, 2, 2));
    fold.add(result_of("t-2", TaskStatus::retry, 3, 0));
    fold.add(result_of("t-3", TaskStatus::retry, 2, 0));
    fold.add(R"({"run_id":"x","tool":"hls-chip"})");
    fold.add("nonsense");
    const Progress progress = fold.progress();
    EXPECT_EQ(progress.chips.at(3), 6);
    EXPECT_EQ(progress.tasks.at("ok"), 2);
    EXPECT_EQ(progress.finished, 2);
    EXPECT_EQ(progress.unreadable, 1);
    EXPECT_EQ(fold.attempts(), (std::map<std::string, int>{{"t-3", 2}}));
}

TEST(Progress, IsMeasuredByTheGoalOfThePlan) {
    PlanGoal goal = make_goal("p-1", {"3=8", "5=0"});
    goal.tasks = 4;
    EXPECT_EQ(goal.plan_id, "p-1");
    EXPECT_THROW(make_goal("", {"3"}), Error);
    EXPECT_THROW(make_goal("", {"x=1"}), Error);
    Progress progress;
    progress.chips = {{3, 6}};
    progress.tasks = {{"ok", 2}, {"retry", 1}};
    progress.finished = 2;
    progress.elapsed_s = 3;
    EXPECT_FALSE(targets_reached(goal, progress));
    EXPECT_FALSE(all_answered(goal, progress)) << "a task is to be tried again";
    EXPECT_DOUBLE_EQ(rate_of(goal, progress).chips_per_s, 2);
    EXPECT_DOUBLE_EQ(rate_of(goal, progress).left_s.value(), 3);
    EXPECT_EQ(progress_lines(goal, progress),
              (std::vector<std::string>{"class   3        6 of 8", "tasks       ok        2",
                                        "tasks    retry        1", "tasks  planned        4",
                                        "rate       2.0 chips/s, 3 s left"}));
    EXPECT_EQ(progress_json(goal, progress),
              R"({"plan":"p-1","tasks":{"ok":2,"retry":1},"tasks_planned":4,)"
              R"("classes":{"3":{"chips":6,"target":8}},"seconds":0.0,"elapsed_s":3.0,)"
              R"("chips_per_s":2.00,"left_s":3.0,"foreign":0,"unreadable":0})");
    progress.chips[3] = 8;
    progress.tasks = {{"ok", 2}, {"empty", 1}, {"failed", 1}};
    EXPECT_TRUE(targets_reached(goal, progress));
    EXPECT_TRUE(all_answered(goal, progress));
    EXPECT_TRUE(targets_reached({}, {}));
    EXPECT_FALSE(all_answered({}, progress)) << "nobody said how many there are";
    EXPECT_EQ(rate_of(goal, {}).chips_per_s, 0);
}

TEST(StreamSource, ReadsFilesAndTexts) {
    const auto text = make_text_source("a\nb");
    EXPECT_EQ(text->next()->text, "a");
    EXPECT_EQ(text->next()->text, "b");
    EXPECT_FALSE(text->next());
    try {
        make_file_source("nowhere.jsonl");
        FAIL() << "there is no such file";
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::missing_input);
    }
}

class FolderQueueTest : public testing::Test {
 protected:
    void SetUp() override {
        folder_ = std::filesystem::path(testing::TempDir()) / "folder_queue_test";
        std::filesystem::remove_all(folder_);
        for (const char* state : {"pending", "claimed", "done"})
            std::filesystem::create_directories(folder_ / state);
        for (const char* task : {"t-1", "t-2"})
            std::ofstream(folder_ / "pending" / (std::string(task) + ".json")) << task << '\n';
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::size_t count(const char* state) const {
        std::size_t files = 0;
        for (const auto& entry : std::filesystem::directory_iterator(folder_ / state))
            files += entry.path().extension() == ".json" ? 1 : 0;
        return files;
    }

    std::filesystem::path folder_;
};

TEST_F(FolderQueueTest, ClaimsAnswersAndPutsBack) {
    {
        const auto queue = make_folder_queue({folder_, "a:1"});
        const auto first = queue->next();
        EXPECT_EQ(count("claimed"), 1U);
        queue->answer(*first, {"t", "result", ""});
        EXPECT_EQ(count("done"), 1U);
        const auto second = queue->next();
        queue->answer(*second, {"t", "result", "second attempt"});
        EXPECT_EQ(count("pending"), 1U);
        EXPECT_EQ(queue->next()->text, "second attempt");
    }
    EXPECT_EQ(count("pending"), 1U) << "a worker that ends gives its claims back";
    EXPECT_EQ(count("claimed"), 0U);
}

TEST_F(FolderQueueTest, ClaimsOfTheDeadLapse) {
    std::filesystem::rename(folder_ / "pending/t-1.json", folder_ / "claimed/t-1@dead-1.json");
    std::filesystem::last_write_time(
        folder_ / "claimed/t-1@dead-1.json",
        std::filesystem::file_time_type::clock::now() - std::chrono::seconds(100));
    const auto queue = make_folder_queue({folder_, "b:2", std::chrono::seconds(60)});
    bool working = true;
    queue->tend([&] { return std::exchange(working, false); }, [] {});
    EXPECT_EQ(count("pending"), 2U);
    const auto line = queue->next();
    std::filesystem::rename(folder_ / "claimed", folder_ / "taken");
    std::filesystem::create_directory(folder_ / "claimed");
    queue->answer(*line, {"t", "late", ""});
    EXPECT_EQ(count("done"), 0U) << "the claim lapsed: somebody else has the last word";
}

TEST(Shard, TakesArraysOfBatchAndSlurm) {
    ::setenv("SLURM_ARRAY_TASK_ID", "11", 1);
    ::setenv("SLURM_ARRAY_TASK_MIN", "10", 1);
    ::setenv("SLURM_ARRAY_TASK_COUNT", "4", 1);
    EXPECT_EQ(parse_shard("array").index, 1);
    EXPECT_EQ(parse_shard("array").count, 4);
    ::setenv("AWS_BATCH_JOB_ARRAY_INDEX", "2", 1);
    ::setenv("AWS_BATCH_JOB_ARRAY_SIZE", "3", 1);
    EXPECT_EQ(parse_shard("array").index, 2);
    ::setenv("AWS_BATCH_JOB_ARRAY_SIZE", "2", 1);
    EXPECT_THROW(parse_shard("array"), Error);
    for (const char* name :
         {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_COUNT",
          "AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE"})
        ::unsetenv(name);
    EXPECT_THROW(parse_shard("array"), Error);
}

}  // namespace
}  // namespace hls::chip
