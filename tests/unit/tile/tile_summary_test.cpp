// SPDX-License-Identifier: Apache-2.0
#include "tile/tile_summary.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace hls::tile {
namespace {

TEST(CoverageCounts, RoundForLandsatAndCutForSentinel2) {
    const CoverageCounts counts{8750, 1005};
    EXPECT_EQ(counts.spatial_percent(100000, true), 9);
    EXPECT_EQ(counts.spatial_percent(100000, false), 8);
    EXPECT_EQ(counts.cloud_percent(), 11);
    // 87 % and 9 % of the golden case of tiling.md 3.6
    EXPECT_EQ((CoverageCounts{1163196, 98988}.cloud_percent()), 9);
    EXPECT_EQ((CoverageCounts{1163196, 98988}.spatial_percent(1152 * 1152, false)), 87);
}

TEST(CoverageCounts, NothingValidIsNotCloudy) {
    EXPECT_EQ(CoverageCounts{}.cloud_percent(), 0);
    EXPECT_EQ(CoverageCounts{}.spatial_percent(100, true), 0);
}

TEST(CountCoverage, CirrusCloudAndShadowCountAdjacentDoesNot) {
    const std::vector<std::int16_t> band{1, 1, 1, 1, 1, 1, -9999, -10000};
    const std::vector<std::uint8_t> mask{1, 2, 4, 8, 16, 0xE0, 2, 0};
    const CoverageCounts counts = count_coverage(band, mask);
    EXPECT_EQ(counts.valid, 7);
    EXPECT_EQ(counts.cloudy, 3);
}

TEST(SumAngles, TakesPixelsWithReflectanceAndAllAngles) {
    const std::vector<std::int16_t> band{1, -9999, 5, 7};
    const std::vector<std::uint16_t> sza{3000, 3000, 40000, 3100};
    const std::vector<std::uint16_t> saa{100, 100, 100, 35900};
    const std::vector<std::uint16_t> vza{0, 1, 1, 10};
    const std::vector<std::uint16_t> vaa{7, 1, 1, 9};
    AngleSums sums = sum_angles(band, {sza, saa, vza, vaa});
    EXPECT_EQ(sums.count, 2);
    EXPECT_DOUBLE_EQ(sums.mean_deg(sums.sun_zenith), 30.5);
    EXPECT_DOUBLE_EQ(sums.mean_deg(sums.sun_azimuth), 180) << "plain mean, no turn";
    EXPECT_DOUBLE_EQ(sums.mean_deg(sums.view_azimuth), 0.08);
    EXPECT_TRUE(std::isnan(AngleSums{}.mean_deg(0)));
}

}  // namespace
}  // namespace hls::tile
