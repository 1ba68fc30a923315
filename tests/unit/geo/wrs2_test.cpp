// SPDX-License-Identifier: Apache-2.0
#include "geo/wrs2.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace hls::geo {
namespace {

TEST(PathRow, SixDigitsThatExist) {
    EXPECT_EQ(parse_path_row("015033"), (PathRow{15, 33}));
    EXPECT_EQ((PathRow{233, 248}).id(), "233248");
    for (const char* text : {"", "15033", "0150330", "000033", "234033", "015000", "015249",
                             "01503a", "+15033", " 15033"})
        EXPECT_FALSE(parse_path_row(text)) << text;
}

TEST(SceneCenter, DescendingNodeAndSpacingOfPaths) {
    const LonLat node = scene_center({1, 60});
    EXPECT_NEAR(node.lon_deg, -64.6, 1e-9);
    EXPECT_NEAR(node.lat_deg, 0, 1e-9);
    EXPECT_NEAR(scene_center({2, 60}).lon_deg, -64.6 - 360.0 / 233, 1e-9);
    // 16 days later the first path comes round again.
    EXPECT_NEAR(std::remainder(scene_center({233, 60}).lon_deg - 360.0 / 233 + 64.6, 360), 0, 1e-9);
}

TEST(SceneCenter, TurnsAt82DegreesAndIsSymmetric) {
    double highest = 0;
    for (int row = 1; row <= kWrsRows; ++row)
        highest = std::max(highest, scene_center({1, row}).lat_deg);
    EXPECT_NEAR(highest, 81.85, 0.02);
    EXPECT_NEAR(scene_center({1, 40}).lat_deg, -scene_center({1, 80}).lat_deg, 1e-9);
}

TEST(SceneCenter, IsWhereARealSceneLies) {
    // Corner means of LC09_L1TP_112081_20220209, whose product is longer than the nominal scene.
    const LonLat center = scene_center({112, 81});
    EXPECT_NEAR(center.lat_deg, -30.304, 0.05);
    EXPECT_NEAR(center.lon_deg, 117.004, 0.05);
}

TEST(SceneCorners, SkewedByTheTurningEarth) {
    const auto corner = scene_corners({1, 60});  // rear right, rear left, front left, front right
    EXPECT_GT(corner[0].lat_deg, corner[3].lat_deg);  // flies south
    EXPECT_LT(corner[0].lon_deg, corner[1].lon_deg);  // right is west
    const auto azimuth = [](LonLat from, LonLat to) {
        return std::atan2(to.lon_deg - from.lon_deg, to.lat_deg - from.lat_deg) * 57.29578;
    };
    const double side = azimuth(corner[3], corner[0]);
    const double line = azimuth(corner[0], corner[1]);
    EXPECT_NEAR(line - side, 86.1, 0.3);  // 90 less the 3.9 degrees that the ground turns away
}

TEST(DayRows, AreThoseOfTheOverlapTableAndTheSouth) {
    int count = 0;
    for (int row = 1; row <= kWrsRows; ++row) count += is_day_row(row);
    EXPECT_EQ(count, 122 + 20);
    EXPECT_TRUE(is_day_row(229));
    EXPECT_FALSE(is_day_row(228));
}

}  // namespace
}  // namespace hls::geo
