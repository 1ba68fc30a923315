// SPDX-License-Identifier: Apache-2.0
// The packed direction grid against the numbers of lasrc.md 1.1 and rt.md 5.
#include "atmosphere/angle_grid.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "core/error.hpp"

namespace hls::atmosphere {
namespace {

TEST(AngleGrid, ViewNodesAreThoseOfThe48PointGaussRule) {
    const AngleGrid grid = make_angle_grid(20, 8000);
    ASSERT_EQ(grid.view_zenith_deg.size(), 20u);
    EXPECT_EQ(grid.view_zenith_deg[0], 0.f);
    const float listed[] = {2.841f, 6.521f, 10.223f, 13.930f, 17.638f, 21.348f};
    for (int i = 0; i < 6; ++i)
        EXPECT_NEAR(grid.view_zenith_deg[std::size_t(i) + 1], listed[i], 6e-4f);
    EXPECT_NEAR(grid.view_zenith_deg[1], 2.84090f, 1e-5f);
    EXPECT_NEAR(grid.view_zenith_deg[2], 6.52107f, 1e-5f);
    EXPECT_NEAR(grid.view_zenith_deg[19], 69.589f, 6e-4f);
}

TEST(AngleGrid, OfficialShapeUses5900Of8000Entries) {
    EXPECT_EQ(make_angle_grid(20, 0).entries, 5900);
    EXPECT_EQ(make_angle_grid(20, 8000).entries, 8000);
    EXPECT_THROW(make_angle_grid(20, 5899), Error);
    EXPECT_THROW(make_angle_grid(26, 0), Error);
}

TEST(AngleGrid, BlocksAreContiguousAndEndAtTheSmallestAngle) {
    const AngleGrid grid = make_angle_grid(6, 0);
    int expected = 0;
    for (int sun = 0; sun < kSuns; ++sun)
        for (int view = 0; view < 6; ++view) {
            EXPECT_EQ(grid.first(view, sun), expected);
            const int n = grid.count(view, sun);
            expected += n;
            const float range = grid.ts_max_deg(view, sun) - grid.ts_min_deg(view, sun);
            if (sun == 0 || view == 0) {
                EXPECT_EQ(n, 1);
                EXPECT_EQ(range, 0.f);
            } else {
                EXPECT_GT(range, 4.f * static_cast<float>(n - 2));
                EXPECT_LE(range, 4.f * static_cast<float>(n - 1) + 1e-4f);
            }
        }
    EXPECT_EQ(grid.entries, expected);
}

TEST(AngleGrid, OneSunAndViewByHand) {
    const AngleGrid grid = make_angle_grid(6, 0);
    // Sun 32, view 6.52107: angles 154.52107, 150.., 146.., 142.. and the end 141.47893.
    EXPECT_NEAR(grid.ts_max_deg(2, 8), 154.52107f, 2e-5f);
    EXPECT_NEAR(grid.ts_min_deg(2, 8), 141.47893f, 2e-5f);
    EXPECT_EQ(grid.count(2, 8), 5);
    // Sun 4, view 6.52: the range is 8 deg exactly, three entries.
    EXPECT_EQ(grid.count(2, 1), 3);
}

}  // namespace
}  // namespace hls::atmosphere
