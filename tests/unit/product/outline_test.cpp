// SPDX-License-Identifier: Apache-2.0
// Outlines: corners of published polygons, hulls, the antimeridian.
#include "product/outline.hpp"

#include <gtest/gtest.h>

#include "product/layers.hpp"

namespace hls::product {
namespace {

constexpr std::uint8_t kFill = kMaskFill;

// Data in [first(row), end(row)) of a whole tile, given to the outline in strips.
template <typename First, typename End>
std::vector<Ring> rings_of(const io::Grid& grid, First first, End end) {
    Outline outline(grid.rows);
    Plane<std::uint8_t> strip(61, grid.cols);
    for (int row = 0; row < grid.rows; row += strip.rows()) {
        for (int i = 0; i < strip.rows(); ++i)
            for (int col = 0; col < grid.cols; ++col)
                strip(i, col) = col >= first(row + i) && col < end(row + i) ? 64 : kFill;
        outline.add_rows(row, strip.view());
    }
    return outline.rings(grid);
}

void expect_ring(const Ring& ring, const std::vector<std::pair<double, double>>& expected) {
    ASSERT_EQ(ring.size(), expected.size());
    for (std::size_t i = 0; i < ring.size(); ++i) {
        EXPECT_NEAR(ring[i].lon_deg, expected[i].first, 1.01e-8) << i;
        EXPECT_NEAR(ring[i].lat_deg, expected[i].second, 1.01e-8) << i;
    }
}

// HLS.L30.T06WVS.2024120T211159 and HLS.S30.T13RCN.2024128T173909: whole tiles.
TEST(Outline, WholeTilesHaveThePublishedCorners) {
    const auto zero = [](int) { return 0; };
    const auto all = [](int) { return 3660; };
    const auto alaska = rings_of({3660, 3660, 399960, 7200000, 30, 32606}, zero, all);
    ASSERT_EQ(alaska.size(), 1u);
    expect_ring(alaska[0], {{-149.1145676, 64.90913477},
                            {-146.79361623, 64.92399554},
                            {-146.8008944, 63.93871258},
                            {-149.04006051, 63.92449111}});
    const auto texas = rings_of({3660, 3660, 300000, 3300000, 30, 32613}, zero, all);
    ASSERT_EQ(texas.size(), 1u);
    expect_ring(texas[0], {{-107.06959008, 29.81425505},
                           {-105.93358748, 29.82716844},
                           {-105.92460396, 28.8362971},
                           {-107.04968888, 28.82389371}});
}

// The published outline of HLS.L30.T19LBJ.2020239T144556: a triangle at the eastern edge with
// corners at pixel corners (3258, 3188), (3660, 1299), (3660, 3277).
TEST(Outline, AnEdgeSceneGivesThePublishedTriangle) {
    const auto rings = rings_of(
        {3660, 3660, 199980, -1099980, 30, 32619},
        [](int row) {
            if (row < 1299 || row >= 3277) return 3660;
            if (row < 3188) return 3659 - (row - 1299) * 401 / (3187 - 1299);
            return 3258 + (row - 3187) * 401 / (3276 - 3187);
        },
        [](int) { return 3660; });
    ASSERT_EQ(rings.size(), 1u);
    ASSERT_GE(rings[0].size(), 3u);
    EXPECT_NEAR(rings[0][0].lon_deg, -70.85016357, 1e-3);
    EXPECT_NEAR(rings[0][0].lat_deg, -10.81032658, 1e-3);
    EXPECT_NEAR(rings[0][1].lon_deg, -70.73701415, 1e-3);
    EXPECT_NEAR(rings[0][1].lat_deg, -10.2986663, 1e-3);
}

TEST(Outline, CrossingTheAntimeridianGivesTwoRings) {
    // Tile 01WCS lies around 180 at 66 N.
    const auto rings = rings_of(
        {3660, 3660, 300000, 7400040, 30, 32601}, [](int) { return 0; }, [](int) { return 3660; });
    const auto crossing = rings_of(
        {3660, 3660, 350000, 7400040, 30, 32601}, [](int) { return 0; }, [](int) { return 3660; });
    ASSERT_EQ(rings.size(), 2u);
    ASSERT_EQ(crossing.size(), 2u);
    for (const auto& point : crossing[0]) {
        EXPECT_GT(point.lon_deg, 170);
        EXPECT_LE(point.lon_deg, 180);
    }
    for (const auto& point : crossing[1]) {
        EXPECT_GE(point.lon_deg, -180);
        EXPECT_LT(point.lon_deg, -170);
    }
}

TEST(Outline, NoDataNoRing) {
    EXPECT_TRUE(
        rings_of(
            {61, 70, 300000, 3300000, 30, 32613}, [](int) { return 0; }, [](int) { return 0; })
            .empty());
    Outline outline(2);
    EXPECT_TRUE(outline.empty());
}

TEST(Outline, OnePixelIsASquare) {
    const auto rings = rings_of(
        {61, 70, 300000, 3300000, 30, 32613}, [](int row) { return row == 30 ? 7 : 70; },
        [](int row) { return row == 30 ? 8 : 70; });
    ASSERT_EQ(rings.size(), 1u);
    EXPECT_GE(rings[0].size(), 3u);
    EXPECT_LE(rings[0].size(), 4u);
}

TEST(ConvexHull, IsClockwiseFromTheWest) {
    const Ring hull = convex_hull({{1, 1}, {0, 0}, {2, 0}, {2, 2}, {0, 2}, {1, 0}, {2, 2}});
    expect_ring(hull, {{0, 0}, {0, 2}, {2, 2}, {2, 0}});
}

TEST(Simplified, KeepsWithinTheToleranceAndAtLeastATriangle) {
    const Ring ring{{0, 0}, {0, 1}, {0.5, 1.005}, {1, 1}, {1, 0}};
    expect_ring(simplified(ring, 0.01), {{0, 0}, {0, 1}, {1, 1}, {1, 0}});
    EXPECT_EQ(simplified(ring, 0.001).size(), 5u);
    const Ring tiny{{0, 0}, {0, 1e-4}, {1e-4, 1e-4}, {1e-4, 0}};
    EXPECT_GE(simplified(tiny, 0.01).size(), 3u);
}

}  // namespace
}  // namespace hls::product
