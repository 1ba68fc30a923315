// SPDX-License-Identifier: Apache-2.0
// Cells of the 0.05 deg grid and rectangles around scenes, also across the antimeridian.
#include "ancillary/cmg.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "core/error.hpp"

namespace hls::ancillary {
namespace {

TEST(Cmg, NearestCellRoundsAndClamps) {
    EXPECT_EQ(nearest_cell({89.975, -179.975}).row, 0);
    EXPECT_EQ(nearest_cell({89.975, -179.975}).col, 0);
    const CmgCell cell = nearest_cell({45.1, -118.2});
    EXPECT_EQ(cell.row, 898);   // 897.5 rounds away from zero
    EXPECT_EQ(cell.col, 1236);  // 1235.5
    EXPECT_EQ(nearest_cell({-90, 180}).row, 3599);
    EXPECT_EQ(nearest_cell({-90, 180}).col, 7199);
    EXPECT_EQ(nearest_cell({90, -180}).row, 0);
}

TEST(Cmg, RectangleHoldsTheFourCellsAroundEveryPoint) {
    const std::vector<GeoPoint> outline{{46.0, -119.0}, {46.1, -116.0}, {44.0, -116.4}};
    const CmgRectangle area = cmg_rectangle(outline);
    EXPECT_EQ(area.row0, 875);                  // floor((89.975-46.1)*20) - 2
    EXPECT_EQ(area.row0 + area.rows - 1, 922);  // 919 + 1 + 2
    EXPECT_EQ(area.col0, 1217);                 // floor(60.975*20) - 2
    EXPECT_EQ(area.col0 + area.cols - 1, 1282);
    EXPECT_TRUE(area.contains({920, 1280}));
    EXPECT_FALSE(area.contains({920, 1283}));
    EXPECT_FALSE(area.contains({874, 1217}));
}

TEST(Cmg, RectangleAcrossTheAntimeridian) {
    const std::vector<GeoPoint> outline{{-16.0, 179.2}, {-16.0, -179.4}, {-18.0, 179.0}};
    const CmgRectangle area = cmg_rectangle(outline);
    EXPECT_EQ(area.col0, 7177);  // 7179.5 -> 7179 - 2
    EXPECT_LT(area.cols, 60);
    EXPECT_TRUE(area.contains({2120, 7199}));
    EXPECT_TRUE(area.contains({2120, 0}));
    EXPECT_TRUE(area.contains({2120, 12}));
    EXPECT_FALSE(area.contains({2120, 3000}));
    EXPECT_EQ(area.local_col(0), 23);
    EXPECT_EQ(area.local_col(7177), 0);
}

TEST(Cmg, EdgesOfTheGrid) {
    const CmgRectangle north = cmg_rectangle(std::vector<GeoPoint>{{89.99, 0.0}});
    EXPECT_EQ(north.row0, 0);
    const CmgRectangle south = cmg_rectangle(std::vector<GeoPoint>{{-89.99, 180.0}});
    EXPECT_EQ(south.row0 + south.rows, kCmgRows);
    EXPECT_TRUE(south.contains({3599, 7199}));
    EXPECT_TRUE(south.contains({3599, 0}));
    EXPECT_THROW(cmg_rectangle({}), Error);
}

}  // namespace
}  // namespace hls::ancillary
