// SPDX-License-Identifier: Apache-2.0
// parallel_for: every index once, first error wins, nothing hangs.
#include "core/parallel.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace hls {
namespace {

TEST(ParallelFor, RunsEveryIndexExactlyOnce) {
    for (const int threads : {1, 2, 7}) {
        std::vector<std::atomic<int>> seen(1000);
        parallel_for(seen.size(), threads, [&](std::size_t i) { ++seen[i]; });
        for (const auto& count : seen) EXPECT_EQ(count, 1);
    }
}

TEST(ParallelFor, NothingToDoCallsNothing) {
    parallel_for(0, 4, [](std::size_t) { FAIL(); });
}

TEST(ParallelFor, RethrowsAndSkipsTheRest) {
    std::atomic<int> calls{0};
    EXPECT_THROW(parallel_for(100000, 2,
                              [&](std::size_t i) {
                                  ++calls;
                                  if (i == 3) throw std::runtime_error("three");
                              }),
                 std::runtime_error);
    EXPECT_LT(calls, 100000);
}

TEST(ParallelFor, HandsOutIndicesInOrderOnOneThread) {
    std::size_t expected = 0;
    parallel_for(50, 1, [&](std::size_t i) { EXPECT_EQ(i, expected++); });
}

TEST(AvailableThreads, IsAtLeastOne) {
    EXPECT_GE(available_threads(), 1);
}

}  // namespace
}  // namespace hls
