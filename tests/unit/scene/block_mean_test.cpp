// SPDX-License-Identifier: Apache-2.0
#include "scene/block_mean.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "scene/sentinel2_ac_scene.hpp"

namespace hls::scene {
namespace {

std::int16_t mean_of(int box, const std::vector<std::uint16_t>& samples) {
    const Plane<std::uint16_t> rows(box, box, samples);
    Plane<std::int16_t> out(1, 1);
    block_means(rows.view(), box, out.view());
    return out(0, 0);
}

TEST(BlockMean, OneSampleIsRescaled) {
    EXPECT_EQ(mean_of(1, {0}), -9999);
    EXPECT_EQ(mean_of(1, {1}), -2000);
    EXPECT_EQ(mean_of(1, {7273}), 0);       // -0.0000075 * 1e4 -> -0.075
    EXPECT_EQ(mean_of(1, {65454}), 16000);  // what clipped reflectance is stored as
}

TEST(BlockMean, MeanOfFourAndOfThirtySix) {
    // (8000 + 8001 + 9000 + 9001) / 4 = 8500.5 -> 337.6375
    EXPECT_EQ(mean_of(2, {8000, 8001, 9000, 9001}), 338);
    std::vector<std::uint16_t> samples(36, 20000);
    EXPECT_EQ(mean_of(6, samples), 3500);
    samples[35] = 20036;  // mean 20001
    EXPECT_EQ(mean_of(6, samples), 3500);
    samples[35] = 20000 + 36 * 2;
    EXPECT_EQ(mean_of(6, samples), 3501);  // 3500.55
}

TEST(BlockMean, OneFillSampleSpoilsTheBox) {
    EXPECT_EQ(mean_of(2, {65535, 65535, 65535, 0}), -9999);
    std::vector<std::uint16_t> samples(36, 65535);
    EXPECT_EQ(mean_of(6, samples), 16022);
    samples[17] = 0;
    EXPECT_EQ(mean_of(6, samples), -9999);
    EXPECT_EQ(mean_of(6, std::vector<std::uint16_t>(36, 0)), -9999);
}

TEST(BlockMean, EveryBoxLiesWhereItsPixelDoes) {
    Plane<std::uint16_t> rows(12, 24);
    for (int r = 0; r < rows.rows(); ++r)
        for (int c = 0; c < rows.cols(); ++c)
            rows(r, c) = static_cast<std::uint16_t>(8000 + 1000 * (r / 6) + 4000 * (c / 6));
    Plane<std::int16_t> out(2, 4);
    block_means(std::as_const(rows).view(), 6, out.view());
    for (int r = 0; r < 2; ++r)
        for (int c = 0; c < 4; ++c) EXPECT_EQ(out(r, c), 200 + 275 * r + 1100 * c);
}

}  // namespace
}  // namespace hls::scene
