// SPDX-License-Identifier: Apache-2.0
#include "simulate/cell_weights.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace hls::simulate {
namespace {

TEST(CellWeights, AreAreaMeansOfAbruptCells) {
    // A Landsat pixel is a cell.
    const CellWeights landsat = cell_weights(7, 30, 0);
    for (std::size_t i = 0; i < landsat.weight.size(); ++i)
        EXPECT_NEAR(landsat.weight[i], landsat.first + static_cast<int>(i) == 7 ? 1 : 0, 1e-6);
    // A pixel of 30 m half a pixel off takes half of two.
    const CellWeights between = cell_weights(7.5, 30, 0);
    ASSERT_EQ(between.first + static_cast<int>(between.weight.size()) - 1, 8 + 0);
    EXPECT_NEAR(between.weight[static_cast<std::size_t>(7 - between.first)], 0.5f, 1e-6f);
    EXPECT_NEAR(between.weight[static_cast<std::size_t>(8 - between.first)], 0.5f, 1e-6f);
    // 60 m over cells 6, 7 and 8: a quarter, a half, a quarter.
    const CellWeights coarse = cell_weights(7, 60, 0);
    EXPECT_NEAR(coarse.weight[static_cast<std::size_t>(6 - coarse.first)], 0.25f, 1e-6f);
    EXPECT_NEAR(coarse.weight[static_cast<std::size_t>(7 - coarse.first)], 0.5f, 1e-6f);
}

// Means of pixels are the pixel of the means, however soft the landscape is.
TEST(CellWeights, OfSmallPixelsAddUpToThoseOfALargeOne) {
    for (const double softness : {0.0, 25.0, 40.0}) {
        std::vector<double> sum(80), large(80);
        for (const double center : {19.5 + 1. / 6, 19.5 + .5, 19.5 + 5. / 6}) {
            const CellWeights fine = cell_weights(center, 10, softness);
            for (std::size_t i = 0; i < fine.weight.size(); ++i)
                sum[static_cast<std::size_t>(fine.first + 20) + i] += double(fine.weight[i]) / 3;
        }
        const CellWeights whole = cell_weights(20, 30, softness);
        for (std::size_t i = 0; i < whole.weight.size(); ++i)
            large[static_cast<std::size_t>(whole.first + 20) + i] = double(whole.weight[i]);
        EXPECT_NEAR(std::accumulate(large.begin(), large.end(), 0.0), 1, 1e-6);
        for (std::size_t i = 0; i < sum.size(); ++i) EXPECT_NEAR(sum[i], large[i], 2e-5) << i;
        EXPECT_LE(static_cast<int>(whole.weight.size()), 2 * cell_reach(softness) + 1);
    }
}

}  // namespace
}  // namespace hls::simulate
