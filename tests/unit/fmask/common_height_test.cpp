// SPDX-License-Identifier: Apache-2.0
#include "fmask/common_height.hpp"

#include <gtest/gtest.h>

namespace hls::fmask {
namespace {

TEST(CommonHeight, IsTheMeanOfThoseThatAgree) {
    CommonHeight common(600, 600, 30);
    for (const double height : {1400., 1500., 1500., 1600., 4000.}) common.add(10, 10, height);
    EXPECT_FALSE(common.at(10, 10)) << "four are too few";
    common.add(10, 10, 1500);
    ASSERT_TRUE(common.at(599, 599));
    EXPECT_DOUBLE_EQ(*common.at(599, 599), 1500);
}

TEST(CommonHeight, NeedsHalfOfTheClouds) {
    CommonHeight common(600, 600, 30);
    for (int i = 0; i < 6; ++i) common.add(0, 0, 1000);
    for (int i = 0; i < 7; ++i) common.add(0, 0, 3000 + 1000 * i);
    EXPECT_FALSE(common.at(0, 0));
}

TEST(CommonHeight, ReachesTheNextRegionAndNoFarther) {
    CommonHeight common(2000, 2000, 30);  // cells of 500 pixels
    for (int i = 0; i < 5; ++i) common.add(100, 100, 2000);
    EXPECT_TRUE(common.at(999, 999));
    EXPECT_FALSE(common.at(1000, 100));
    EXPECT_FALSE(common.at(100, 1000));
}

TEST(CommonHeight, TakesAnyHeight) {
    CommonHeight common(1, 1, 60);
    for (int i = 0; i < 5; ++i) common.add(0, 0, 12040);
    EXPECT_DOUBLE_EQ(common.at(0, 0).value_or(0), 12000);
}

}  // namespace
}  // namespace hls::fmask
