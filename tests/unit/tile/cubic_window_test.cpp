// SPDX-License-Identifier: Apache-2.0
#include "tile/cubic_window.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <random>
#include <vector>

namespace hls::tile {
namespace {

TEST(CubicTaps, OnACornerAreEighths) {
    const CubicTaps taps = cubic_taps(10);
    EXPECT_EQ(taps.first, 8);
    EXPECT_EQ(taps.weights, (std::array{-0.125, 0.625, 0.625, -0.125}));
}

TEST(CubicTaps, OnACentreAreThePixelItself) {
    const CubicTaps taps = cubic_taps(10.5);
    EXPECT_EQ(taps.first, 9);
    EXPECT_EQ(taps.weights, (std::array{0.0, 1.0, 0.0, 0.0}));
}

TEST(CubicTaps, SumToOneAndUseTheSharpKernel) {
    for (double position = -3; position < 3; position += 0.01) {
        const CubicTaps taps = cubic_taps(position);
        EXPECT_NEAR(std::accumulate(taps.weights.begin(), taps.weights.end(), 0.0), 1, 1e-14);
        EXPECT_LE(taps.first + 1.5, position + 0.5 + 1e-12);
        EXPECT_GE(taps.first + 2.5, position - 1e-12);
    }
    // K(d) = d^3 - 2 d^2 + 1 at 0.25 with a = -1.
    EXPECT_DOUBLE_EQ(cubic_taps(10.75).weights[1], 0.25 * 0.25 * 0.25 - 2 * 0.25 * 0.25 + 1);
}

TEST(CubicCorner, EqualsTheGeneralFormInEveryPixel) {
    std::mt19937 random(7);
    std::uniform_int_distribution<int> value(-32768, 32767);
    constexpr int kCols = 503;
    std::vector<std::int16_t> scene(4 * kCols);
    for (auto& v : scene) v = static_cast<std::int16_t>(value(random));
    std::vector<std::int32_t> scratch(kCols);
    std::vector<std::int16_t> out(kCols - 3);
    const std::int16_t* s = scene.data();
    cubic_corner_row({s, s + kCols, s + 2 * kCols, s + 3 * kCols}, scratch, out);
    const std::array weights{-0.125, 0.625, 0.625, -0.125};
    for (std::size_t i = 0; i < out.size(); ++i)
        ASSERT_EQ(out[i], cubic_value(s + i, kCols, weights, weights)) << i;
}

TEST(CubicCorner, CutsTowardZeroOnBothSides) {
    // One pixel of 1 in the middle of zeros: 25/64 and its negative are cut to 0.
    for (const int sign : {1, -1}) {
        const std::vector<std::int16_t> zero(4, 0);
        std::vector<std::int16_t> middle(4, 0);
        middle[1] = static_cast<std::int16_t>(sign * 3);  // 75 / 64
        std::vector<std::int32_t> scratch(4);
        std::vector<std::int16_t> out(1);
        cubic_corner_row({zero.data(), middle.data(), zero.data(), zero.data()}, scratch, out);
        EXPECT_EQ(out[0], sign);
        middle[1] = static_cast<std::int16_t>(sign);
        cubic_corner_row({zero.data(), middle.data(), zero.data(), zero.data()}, scratch, out);
        EXPECT_EQ(out[0], 0);
    }
}

}  // namespace
}  // namespace hls::tile
