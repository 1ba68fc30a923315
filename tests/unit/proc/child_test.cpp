// SPDX-License-Identifier: Apache-2.0
// How a child ends, and that nothing of it stays.
#include "proc/child.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "core/cancel.hpp"
#include "core/error.hpp"

namespace hls::proc {
namespace {

namespace stdfs = std::filesystem;
using std::chrono::milliseconds;

class Child : public testing::Test {
 protected:
    void SetUp() override {
        std::string name = (stdfs::temp_directory_path() / "hls-child-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { stdfs::remove_all(folder_); }

    ChildRequest shell(const std::string& script) const {
        return {.argv = {"sh", "-c", script},
                .environment = {},
                .working_folder = folder_,
                .stdout_file = folder_ / "out",
                .stderr_file = folder_ / "err",
                .on_tick = {}};
    }
    std::string read(const char* name) const {
        std::ifstream in(folder_ / name);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    // Whoever adopts a process may not have waited for it yet; a zombie has no memory map.
    static bool lives(const std::string& process) {
        std::ifstream statm("/proc/" + std::to_string(std::stoi(process)) + "/statm");
        long pages = 0;
        statm >> pages;
        return pages > 0;
    }
    static bool dies(const std::string& process) {
        for (int i = 0; i < 3000 && lives(process); ++i)
            std::this_thread::sleep_for(milliseconds(20));
        return !lives(process);
    }

    stdfs::path folder_;
};

TEST_F(Child, EndsWithItsOwnCode) {
    for (const int code : {0, 1, 3, 75, 124, 200}) {
        const auto report = run_child(shell("exit " + std::to_string(code)));
        EXPECT_EQ(report.code(), code);
        EXPECT_EQ(report.signal, 0);
    }
}

TEST_F(Child, SignalsAreTold) {
    for (const int signal : {SIGKILL, SIGTERM, SIGSEGV, SIGABRT}) {
        const auto report = run_child(shell("kill -" + std::to_string(signal) + " $$"));
        EXPECT_EQ(report.signal, signal);
        EXPECT_EQ(report.code(), 128 + signal);
        EXPECT_EQ(report.stopped_by, StoppedBy::nobody);
    }
}

TEST_F(Child, GetsStreamsEnvironmentAndFolder) {
    auto request = shell("echo $UNIT; pwd; echo oops >&2");
    request.environment = {{"UNIT", "ac:1"}};
    run_child(request);
    EXPECT_EQ(read("out"), "ac:1\n" + folder_.string() + "\n");
    EXPECT_EQ(read("err"), "oops\n");
}

TEST_F(Child, MissingProgramIsUnavailable) {
    for (const char* name : {"hls-no-such-program", "/no/such/program"}) {
        try {
            run_child({.argv = {name}, .on_tick = {}});
            FAIL() << name;
        } catch (const Error& error) {
            EXPECT_EQ(error.code, Exit::unavailable) << error.message;
        }
    }
}

TEST_F(Child, TimeLimitStopsTheWholeGroup) {
    auto request = shell("sleep 600 & echo $! >pid; wait");
    request.time_limit = milliseconds(300);
    const auto report = run_child(request);
    EXPECT_EQ(report.code(), 124);
    EXPECT_EQ(report.stopped_by, StoppedBy::time_limit);
    EXPECT_LT(report.wall_s, 300);
    EXPECT_TRUE(dies(read("pid")));
}

TEST_F(Child, StubbornProgramsAreKilled) {
    auto request = shell("trap '' TERM; : >stubborn; while :; do sleep 0.05; done");
    request.grace = milliseconds(300);
    // On a busy machine it may not have come to be stubborn in time.
    ChildReport report;
    for (int limit_ms = 200; !stdfs::exists(folder_ / "stubborn"); limit_ms *= 2) {
        ASSERT_LT(limit_ms, 60'000);
        request.time_limit = milliseconds(limit_ms);
        report = run_child(request);
    }
    EXPECT_EQ(report.code(), 124);
    EXPECT_EQ(report.signal, SIGKILL);
}

TEST_F(Child, OrphansOfTheGroupAreKilled) {
    run_child(shell("sleep 60 & echo $! >pid"));
    EXPECT_TRUE(dies(read("pid")));
}

TEST_F(Child, MemoryOfAllDescendantsCounts) {
    // The grandchild fills memory, the child does not.
    auto request =
        shell("python3 -c 'import time; x = bytearray(300 << 20); time.sleep(60)' & wait");
    request.memory_limit_mb = 150;
    const auto report = run_child(request);
    EXPECT_EQ(report.stopped_by, StoppedBy::memory_limit);
    EXPECT_EQ(report.code(), 137);
}

TEST_F(Child, UsageIsMeasured) {
    const auto report =
        run_child(shell("python3 -c 'x = bytearray(120 << 20)\nfor i in range(3000000): pass'"));
    EXPECT_EQ(report.code(), 0) << read("err");
    EXPECT_GT(report.user_s, 0.03);
    EXPECT_GT(report.max_rss_mb, 100);
    EXPECT_GE(report.wall_s, 0.03);
}

TEST_F(Child, TicksCanStopIt) {
    auto request = shell("sleep 60");
    int ticks = 0;
    request.tick = milliseconds(50);
    request.on_tick = [&ticks] { return ++ticks < 3; };
    const auto report = run_child(request);
    EXPECT_EQ(ticks, 3);
    EXPECT_EQ(report.stopped_by, StoppedBy::tick);
    EXPECT_EQ(report.signal, SIGTERM);
}

TEST_F(Child, DiesWithItsParent) {
    const pid_t worker = ::fork();
    ASSERT_GE(worker, 0);
    if (worker == 0) {
        run_child(shell("echo $$ >pid.tmp; mv pid.tmp pid; exec sleep 60"));
        ::_exit(0);
    }
    for (int i = 0; i < 3000 && !stdfs::exists(folder_ / "pid"); ++i)
        std::this_thread::sleep_for(milliseconds(20));
    ::kill(worker, SIGKILL);
    ::waitpid(worker, nullptr, 0);
    EXPECT_TRUE(dies(read("pid")));
}

TEST_F(Child, CancellationStopsIt) {
    // In a process of its own, since a cancellation is for good.
    const pid_t worker = ::fork();
    ASSERT_GE(worker, 0);
    if (worker == 0) {
        request_cancel(SIGTERM);
        const auto report = run_child(shell("sleep 60"));
        ::_exit(report.stopped_by == StoppedBy::cancellation ? report.code() : 1);
    }
    int status = 0;
    ::waitpid(worker, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 143);
}

}  // namespace
}  // namespace hls::proc
