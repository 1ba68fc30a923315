// SPDX-License-Identifier: Apache-2.0
#include "simulate/noise.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace hls::simulate {
namespace {

struct Moments {
    double mean, deviation, least, most;
};

template <typename Sample>
Moments moments_of(Sample sample) {
    constexpr int kSide = 400;
    double sum = 0, squares = 0, least = 1e9, most = -1e9;
    for (int y = 0; y < kSide; ++y)
        for (int x = 0; x < kSide; ++x) {
            const double value = double(sample(x, y));
            sum += value;
            squares += value * value;
            least = std::min(least, value);
            most = std::max(most, value);
        }
    const double n = double(kSide) * kSide;
    return {sum / n, std::sqrt(squares / n - sum * sum / n / n), least, most};
}

TEST(Noise, NormalHasZeroMeanAndUnitDeviation) {
    const Moments m = moments_of([](int x, int y) { return normal(x, y, 5); });
    EXPECT_NEAR(m.mean, 0, 0.01);
    EXPECT_NEAR(m.deviation, 1, 0.01);
    EXPECT_LT(m.most, 4.95);
}

TEST(Noise, UnitIsUniform) {
    const Moments m = moments_of([](int x, int y) { return unit(x, y, 5); });
    EXPECT_NEAR(m.mean, 0.5, 0.003);
    EXPECT_NEAR(m.deviation, std::sqrt(1 / 12.0), 0.003);
    EXPECT_GE(m.least, 0);
    EXPECT_LT(m.most, 1);
}

TEST(Noise, FractalStaysInItsRangeAndIsCentred) {
    const Moments m =
        moments_of([](int x, int y) { return fractal_noise(x / 9.0, y / 9.0, 3, 4); });
    EXPECT_NEAR(m.mean, 0, 0.05);
    EXPECT_NEAR(m.deviation, 0.2, 0.03);
    EXPECT_GE(m.least, -1);
    EXPECT_LE(m.most, 1);
}

TEST(Noise, IsContinuousAcrossLatticeLinesOnBothSidesOfZero) {
    for (double line : {-3.0, -1.0, 0.0, 2.0})
        EXPECT_NEAR(double(gradient_noise(line - 1e-6, 0.4, 1)),
                    double(gradient_noise(line + 1e-6, 0.4, 1)), 1e-5);
}

TEST(Noise, SeedsAndPlacesDiffer) {
    EXPECT_NE(hash(1, 2, 3), hash(2, 1, 3));
    EXPECT_NE(hash(1, 2, 3), hash(1, 2, 4));
    EXPECT_NE(hash(-1, 2, 3), hash(1, 2, 3));
}

}  // namespace
}  // namespace hls::simulate
