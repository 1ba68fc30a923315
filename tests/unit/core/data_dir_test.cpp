// SPDX-License-Identifier: Apache-2.0
#include "core/data_dir.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "core/error.hpp"

namespace hls {
namespace {

TEST(DataDir, FollowsTheOrderOfTheManual) {
    ::setenv("HLS_DATA_DIR", "/a", 1);
    ::setenv("XDG_DATA_HOME", "/b", 1);
    ::setenv("HOME", "/c", 1);
    EXPECT_EQ(data_dir(), "/a");
    ::setenv("HLS_DATA_DIR", "", 1);
    EXPECT_EQ(data_dir(), "/b/hls");
    ::unsetenv("XDG_DATA_HOME");
    EXPECT_EQ(data_dir(), "/c/.local/share/hls");
    ::unsetenv("HOME");
    EXPECT_THROW(data_dir(), Error);
}

}  // namespace
}  // namespace hls
