// SPDX-License-Identifier: Apache-2.0
// Several hosts and one store: what they agree on, who may write, and who finishes what.
#include "zarr/shared_state.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "shared_hosts.hpp"
#include "temporary_folder.hpp"
#include "zarr/remote_journal.hpp"

namespace hls::zarr {
namespace {

class SharedStateTest : public testing::Test {
 protected:
    stdfs::path folder(const std::string& name) const { return folder_ / name; }

    // What a dead process leaves behind is the same in memory, and syncing costs nothing there.
    TemporaryFolder folder_{stdfs::is_directory("/dev/shm") ? stdfs::path("/dev/shm")
                                                            : stdfs::temp_directory_path()};
    Bucket bucket_;
};

TEST_F(SharedStateTest, HostsTakeTurnsAndKnowTheSame) {
    Host one(bucket_, folder("one"));
    Host two(bucket_, folder("two"));
    for (int step = 0; step < 6; ++step) {
        commit_step(step % 2 == 0 ? one : two, step);
        EXPECT_EQ(bucket_.content(), content_of_step(step));
    }
    one.shared.catch_up();
    EXPECT_EQ(shared_rows(one.state), shared_rows(two.state));
    EXPECT_EQ(one.shared.applied(), 6);
    EXPECT_FALSE(one.shared.lease()->held);
    EXPECT_EQ(one.shared.lease()->done, 6);
    // One that comes later repeats the log.
    Host three(bucket_, folder("three"));
    three.shared.catch_up();
    EXPECT_EQ(shared_rows(three.state), shared_rows(two.state));
}

TEST_F(SharedStateTest, OfTwoRecordsWithOneNumberOneIsRefused) {
    Host one(bucket_, folder("one"), {.lifetime = std::chrono::milliseconds(1)});
    Host two(bucket_, folder("two"));
    one.shared.acquire(one.writer);
    EXPECT_TRUE(one.shared.append(1, ""));
    EXPECT_FALSE(one.shared.append(1, ""));
    ::usleep(5'000);
    two.shared.acquire(two.writer);  // the lease of `one` has expired
    EXPECT_FALSE(two.shared.append(1, ""));
    EXPECT_TRUE(two.shared.append(2, ""));
    try {
        one.shared.append(3, "");
        FAIL() << "a host without the lease committed";
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::temporary);
    }
}

TEST_F(SharedStateTest, ALivingHostIsWaitedFor) {
    Host holder(bucket_, folder("one"));
    holder.shared.acquire(holder.writer);
    Host waiting(bucket_, folder("two"),
                 {.lifetime = std::chrono::minutes(1), .wait = std::chrono::milliseconds(30)});
    EXPECT_THROW(waiting.shared.acquire(waiting.writer), Error);
    holder.shared.release();
    waiting.shared.acquire(waiting.writer);
    waiting.shared.require_held();
}

TEST_F(SharedStateTest, ALeaseThatNobodyTookIsRenewedHoweverLate) {
    Host host(bucket_, folder("one"), {.lifetime = std::chrono::milliseconds(3)});
    host.shared.acquire(host.writer);
    ::usleep(20'000);
    host.shared.require_held();
    EXPECT_GT(host.shared.lease()->expires_ms, now_ms() - 1000);
}

// A host decides, falls asleep, and is overtaken before its commit.
TEST_F(SharedStateTest, ADecisionThatAnotherHostOvertookIsRefused) {
    Host slow(bucket_, folder("slow"));
    Host quick(bucket_, folder("quick"));
    commit_step(slow, 0);
    slow.shared.catch_up();
    OwnerLocks rows(slow.writer, {"r1/0"});
    StoreTransaction stale(slow.writer, slow.access);
    stale.put(Phase::data, "a/c/0", bytes_of("stale"));
    commit_step(quick, 1);
    PublishLock publish(slow.writer, slow.access);
    EXPECT_THROW(stale.commit({&rows, &publish.owner()}, 1, [] {}), Error);
    EXPECT_EQ(bucket_.content(), content_of_step(1));
}

// A host commits, falls asleep between two objects, and is taken for dead; a host that wakes up
// writes nothing more.
TEST_F(SharedStateTest, AStoppedHostWritesNothingLater) {
    Host sleeper(bucket_, folder("sleeper"), {.lifetime = std::chrono::milliseconds(30)});
    commit_step(sleeper, 0);
    Host other(bucket_, folder("other"));
    StepRemaker remaker(1);
    other.shared.remaker = &remaker;
    {
        OwnerLocks rows(sleeper.writer, {"r1/0"});
        sleeper.shared.acquire(sleeper.writer);
        sleeper.shared.catch_up();
        StoreTransaction transaction(sleeper.writer, sleeper.access);
        transaction.put(Phase::data, "a/c/0", bytes_of("step 1a/c/0"));
        const auto entries = transaction.entries();
        ::usleep(50'000);
        commit_step(other, 1);
        commit_step(other, 2);
        const auto before = bucket_.content();
        EXPECT_THROW(
            apply_remotely(sleeper.writer, sleeper.access, transaction.folder(), {{entries[0], 0}}),
            Error);
        EXPECT_EQ(bucket_.content(), before);
    }
}

// Every call of a transaction, of the store, the log and the lease: the host dies there, and the
// same or another one takes over.
TEST_F(SharedStateTest, RecoversFromAStopAtEveryCall) {
    int stops = 0;
    for (const auto stop : {HostView::Stop::before, HostView::Stop::after}) {
        for (const bool same_host : {true, false}) {
            for (int call = 0;; ++call, ++stops) {
                Bucket bucket;
                const auto first = folder("stop-" + std::to_string(stops));
                {
                    Host host(bucket, first);
                    commit_step(host, 0);
                }
                bool died = false;
                {
                    Host host(bucket, first, {.lifetime = std::chrono::milliseconds(20)});
                    host.calls.stop_at = call;
                    host.calls.stop = stop;
                    try {
                        commit_step(host, 1);
                    } catch (const HostView::Stopped&) {
                        died = true;
                    }
                    died |= host.calls.dead;  // while it gave the lease back
                }
                if (!died) break;
                Host host(bucket, same_host ? first : folder("other-" + std::to_string(stops)));
                StepRemaker remaker(1);
                host.shared.remaker = &remaker;
                { PublishLock publish(host.writer, host.access); }
                const bool done = host.state.property("step") == "1";
                ASSERT_EQ(bucket.content(), content_of_step(done ? 1 : 0)) << "call " << call;
                ASSERT_EQ(host.state.db().query_int("SELECT count(*) FROM damage"), 0);
                commit_step(host, 2);
                Content expected = content_of_step(2);
                if (!done) expected["new/0"] = "step 0";
                ASSERT_EQ(bucket.content(), expected) << "call " << call;
                ASSERT_EQ(host.shared.lease()->done, host.shared.applied());
            }
        }
    }
    EXPECT_GT(stops, 100);
    RecordProperty("stops", stops);
}

// What only the lost host had, from files that are no longer the same: said, and put on the queue.
TEST_F(SharedStateTest, LostObjectsOfChangedFilesAreReported) {
    Host lost(bucket_, folder("lost"), {.lifetime = std::chrono::milliseconds(1)});
    commit_step(lost, 0);
    // The lease, the log, the commit: somewhere behind it the first object would be written.
    for (int call = 10; lost.shared.applied() == 1; ++call) {
        lost.calls = {};
        lost.calls.stop_at = call;
        try {
            commit_step(lost, 1);
        } catch (const HostView::Stopped&) {
        }
        lost.calls = {};
        lost.shared.catch_up();
    }
    Host other(bucket_, folder("other"));
    StepRemaker remaker(1, true);
    other.shared.remaker = &remaker;
    {
        PublishLock publish(other.writer, other.access);
        EXPECT_EQ(publish.recovered(), 1);
    }
    EXPECT_FALSE(remaker.requeued.empty());
    EXPECT_EQ(static_cast<std::size_t>(other.state.db().query_int("SELECT count(*) FROM damage")),
              remaker.requeued.size());
    EXPECT_EQ(bucket_.content().at("zarr.json"), "rootstep 1");
}

// A host that joins late starts from a checkpoint and ends with what the others know.
TEST_F(SharedStateTest, AHostThatJoinsTakesTheCheckpoint) {
    const int steps = static_cast<int>(kCheckpointEvery) + 3;
    Host one(bucket_, folder("one"));
    for (int step = 0; step < steps; ++step) commit_step(one, step);
    const auto checkpoint = one.shared.lease()->checkpoint;
    EXPECT_EQ(checkpoint.number, kCheckpointEvery);
    EXPECT_EQ(bucket_.beside.list("checkpoint/").size(), 1U);
    Host two(bucket_, folder("two"));
    two.shared.catch_up();
    EXPECT_LT(two.calls.made, 20);
    one.shared.catch_up();
    EXPECT_EQ(shared_rows(two.state), shared_rows(one.state));
    commit_step(two, steps);
    EXPECT_EQ(bucket_.content(), content_of_step(steps));
    // A damaged one costs time and no more.
    bucket_.beside.put("checkpoint/000000000100", bytes_of("rubbish"));
    Host three(bucket_, folder("three"));
    three.shared.catch_up();
    EXPECT_GT(three.calls.made, steps);
    EXPECT_EQ(three.shared.applied(), steps + 1);
}

TEST_F(SharedStateTest, ADamagedLogIsRefused) {
    Host one(bucket_, folder("one"));
    commit_step(one, 0);
    Bytes record;
    ASSERT_TRUE(bucket_.beside.get("log/000000000001", record));
    record.back() ^= std::byte{1};
    bucket_.beside.put("log/000000000001", record);
    Host two(bucket_, folder("two"));
    try {
        two.shared.catch_up();
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::bad_input);
    }
}

}  // namespace
}  // namespace hls::zarr
