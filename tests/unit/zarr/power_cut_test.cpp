// SPDX-License-Identifier: Apache-2.0
// The power fails at every single call of a transaction of three slots, and of the one after it.
#include "power_cut.hpp"

#include <gtest/gtest.h>

#include "temporary_folder.hpp"
#include "three_slots.hpp"

namespace hls::zarr {
namespace {

namespace stdfs = std::filesystem;

constexpr const char* kDatabase[] = {"s.zarr.hls-state/state.db", "s.zarr.hls-state/state.db-wal"};

void copy_database(const stdfs::path& from, const stdfs::path& to) {
    for (const char* name : kDatabase) {
        stdfs::create_directories((to / name).parent_path());
        std::error_code missing;
        stdfs::remove(to / name, missing);
        stdfs::copy_file(from / name, to / name, missing);
    }
}

class PowerCutTest : public testing::Test {
 protected:
    // Runs steps 1 and 2 until the power fails; returns how many of them were acknowledged, or
    // nothing if it never failed.
    std::optional<int> run_until(int call) {
        stdfs::remove_all(root());
        stdfs::remove_all(kept());
        ThreeSlotSession session(root(), calls_);
        calls_.arm(root(), -1, [] {});
        commit_three_slots(session.writer, session.access, 0);
        // A commit that lasts is on the disk when the first object moves; those after it, which
        // say that a transaction is done, may be forgotten.
        calls_.arm(root(), call, [&] { copy_database(root(), kept()); });
        copy_database(root(), kept());
        int acknowledged = 0;
        try {
            for (int step = 1; step <= 2; ++step) {
                commit_three_slots(session.writer, session.access, step);
                acknowledged = step;
            }
        } catch (const PowerCut::Happened&) {
            copy_database(root(), now());
            return acknowledged;
        }
        return std::nullopt;
    }

    // The machine starts again with that database.
    void expect_whole(const stdfs::path& database, int acknowledged, int call) {
        stdfs::remove_all(disk());
        calls_.restore(disk());
        copy_database(database, disk());
        ThreeSlotSession session(disk(), posix_calls());
        {
            OwnerLocks publish(session.writer, {kPublishLock});
            recover(session.writer, session.access);
        }
        forget_dead_writers(session.state);
        collect_garbage(session.state, false);
        const int step = std::stoi(session.state.property("step"));
        EXPECT_GE(step, acknowledged) << "call " << call;
        EXPECT_EQ(content_of_store(disk() / "s.zarr"), expected_[static_cast<std::size_t>(step)])
            << "call " << call << " step " << step;
        EXPECT_EQ(session.state.db().query_int("SELECT count(*) FROM damage"), 0)
            << "call " << call;
        EXPECT_TRUE(stdfs::is_empty(session.state.staging())) << "call " << call;
    }

    stdfs::path root() const { return folder_ / "running"; }
    stdfs::path kept() const { return folder_ / "kept"; }
    stdfs::path now() const { return folder_ / "now"; }
    stdfs::path disk() const { return folder_ / "disk"; }

    TemporaryFolder folder_;
    PowerCut calls_;
    std::vector<std::map<std::string, std::string>> expected_;
};

TEST_F(PowerCutTest, NothingAcknowledgedIsLostAndNothingIsTorn) {
    {
        ThreeSlotSession session(root(), posix_calls());
        for (int step = 0; step <= 2; ++step) {
            commit_three_slots(session.writer, session.access, step);
            expected_.push_back(content_of_store(root() / "s.zarr"));
        }
    }
    int cuts = 0;
    for (; !HasFailure(); ++cuts) {
        const auto acknowledged = run_until(cuts);
        if (!acknowledged) break;
        expect_whole(now(), *acknowledged, cuts);
        expect_whole(kept(), *acknowledged, cuts);
    }
    EXPECT_GT(cuts, 60);
}

}  // namespace
}  // namespace hls::zarr
