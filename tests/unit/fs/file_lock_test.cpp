// SPDX-License-Identifier: Apache-2.0
#include "fs/file_lock.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <thread>

#include "core/error.hpp"

namespace hls::fs {
namespace {

TEST(FileLock, SecondHolderWaitsForTheFirst) {
    const std::filesystem::path path = testing::TempDir() + "file_lock_test/lock";
    // On a busy machine the second may come when the first is gone; then it is held longer.
    bool waited = false;
    for (int held_ms = 10; !waited && held_ms < 20'000; held_ms *= 2) {
        std::optional<FileLock> first(std::in_place, path);
        EXPECT_FALSE(first->waited());
        std::thread second([&] {
            const FileLock lock(path);
            waited = lock.waited();
        });
        std::this_thread::sleep_for(std::chrono::milliseconds(held_ms));
        first.reset();
        second.join();
    }
    EXPECT_TRUE(waited);
    std::filesystem::remove_all(path.parent_path());
}

TEST(FileLock, FolderThatCannotBeMadeIsAnError) {
    EXPECT_THROW(FileLock("/proc/none/lock"), Error);
}

}  // namespace
}  // namespace hls::fs
