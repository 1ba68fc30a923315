// SPDX-License-Identifier: Apache-2.0
#include "fmask/parallax.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace hls::fmask {
namespace {

// A texture that moves by some pixels from band to band, over itself: B07/B8A and B08/B8A.
Plane<std::uint16_t> moved_ratio(int pixels) {
    Plane<std::uint16_t> ratio(60, 60);
    const auto texture = [](int r, int c) {
        return 0.4 + 0.1 * std::sin(0.9 * c + 0.3 * r) + 0.05 * std::sin(0.5 * c - 0.7 * r);
    };
    for (int r = 0; r < 60; ++r)
        for (int c = 0; c < 60; ++c)
            ratio(r, c) = static_cast<std::uint16_t>(
                std::lround(1e4 * texture(r, c + pixels) / texture(r, c)));
    return ratio;
}

// In steps of some rows.
Parallax find_parallax(const Plane<std::uint16_t>& ratio7, const Plane<std::uint16_t>& ratio8,
                       int step = 100) {
    ParallaxFinder finder(ratio7.rows(), ratio7.cols());
    for (int r = 0; r < ratio7.rows(); r += step) {
        const int count = std::min(step, ratio7.rows() - r);
        finder.add(ratio7.view().rows(r, count), ratio8.view().rows(r, count), 2);
    }
    return finder.take();
}

TEST(Parallax, CloudsMoveMoreInB08AndGroundInB07) {
    const auto near = moved_ratio(1);
    const auto far = moved_ratio(3);
    const Parallax cloud = find_parallax(near, far);
    EXPECT_GT(cloud.some.count(), 60 * 60 * 9 / 10);
    const Parallax ground = find_parallax(far, near);
    EXPECT_EQ(ground.some.count(), 0);
    EXPECT_EQ(ground.strong.count(), 0);
}

TEST(Parallax, IsExactInItsVariances) {
    Plane<std::uint16_t> seven(9, 11), eight(9, 11);
    for (std::size_t i = 0; i < seven.size(); ++i) {
        seven.cells()[i] = static_cast<std::uint16_t>(9000 + (i * 37) % 400);
        eight.cells()[i] = static_cast<std::uint16_t>(9000 + (i * 53) % 900);
    }
    const Parallax found = find_parallax(seven, eight);
    const auto variance = [&](const Plane<std::uint16_t>& plane, int r, int c) {
        double sum = 0, squares = 0, n = 0;
        for (int y = std::max(r - 3, 0); y <= std::min(r + 3, 8); ++y)
            for (int x = std::max(c - 3, 0); x <= std::min(c + 3, 10); ++x) {
                sum += plane(y, x);
                squares += double{1} * plane(y, x) * plane(y, x);
                ++n;
            }
        return squares / n - sum * sum / n / n;
    };
    for (int r = 0; r < 9; ++r)
        for (int c = 0; c < 11; ++c) {
            const double v7 = variance(seven, r, c);
            const double v8 = variance(eight, r, c);
            const double index = (v7 - v8) / (v7 + v8);
            EXPECT_EQ(found.some(r, c), index < -0.5) << r << ' ' << c << ": " << index;
            EXPECT_EQ(found.strong(r, c), index < -0.8);
        }
}

TEST(Parallax, StepsDoNotMatter) {
    const auto near = moved_ratio(1);
    const auto far = moved_ratio(2);
    const Parallax whole = find_parallax(near, far);
    for (const int step : {1, 2, 5, 7, 59}) {
        const Parallax cut = find_parallax(near, far, step);
        EXPECT_EQ(cut.some, whole.some) << step;
        EXPECT_EQ(cut.strong, whole.strong) << step;
    }
}

TEST(Parallax, AnEvenSurfaceSaysNothing) {
    const Plane<std::uint16_t> flat(10, 10, 10000);
    EXPECT_EQ(find_parallax(flat, flat).some.count(), 0);
}

}  // namespace
}  // namespace hls::fmask
