// SPDX-License-Identifier: Apache-2.0
#include "fmask/hole_fill.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "random_planes.hpp"

namespace hls::fmask {
namespace {

using Levels = Plane<int>;

// The lowest maximum of levels on any 8-connected path to the outside, by repeated relaxation.
Levels plain_fill(const Levels& levels, int background) {
    Levels filled(levels.rows(), levels.cols(), 1 << 20);
    for (bool changed = true; changed;) {
        changed = false;
        for (int r = 0; r < levels.rows(); ++r)
            for (int c = 0; c < levels.cols(); ++c) {
                int lowest = 1 << 20;
                for (int dr = -1; dr <= 1; ++dr)
                    for (int dc = -1; dc <= 1; ++dc) {
                        if (dr == 0 && dc == 0) continue;
                        const bool outside = r + dr < 0 || c + dc < 0 || r + dr >= levels.rows() ||
                                             c + dc >= levels.cols();
                        lowest = std::min(lowest, outside ? background : filled(r + dr, c + dc));
                    }
                const int here = std::max(levels(r, c), lowest);
                if (here < filled(r, c)) {
                    filled(r, c) = here;
                    changed = true;
                }
            }
    }
    return filled;
}

RingedPlane ringed(const Levels& levels) {
    RingedPlane plane(levels.rows(), levels.cols());
    for (int r = 0; r < levels.rows(); ++r)
        for (int c = 0; c < levels.cols(); ++c)
            plane.inner()(r, c) = static_cast<std::uint16_t>(levels(r, c));
    return plane;
}

TEST(HoleFill, IsTheLowestMaximumOverAllPaths) {
    for (std::uint32_t seed = 0; seed < 44; ++seed) {
        Noise noise(seed);
        const bool terraces = seed >= 40;  // many pixels wait at the same level
        const int rows = terraces ? 150 : 1 + noise.below(30);
        const int cols = terraces ? 140 : 1 + noise.below(30);
        Levels levels(rows, cols);
        for (int& level : levels.cells())
            level = terraces ? 400 * noise.below(3) : noise.below(seed % 2 ? 3000 : 900);
        const BitPlane valid = random_bits(rows, cols, 90, seed);
        const int background = noise.below(2000);
        Levels effective = levels;
        for (int r = 0; r < rows; ++r)
            for (int c = 0; c < cols; ++c)
                if (!valid(r, c)) effective(r, c) = background;
        const Levels filled = plain_fill(effective, background);
        for (const ShadowDepth depth : {ShadowDepth{false, 0.02}, ShadowDepth{true, 0.15}}) {
            RingedPlane band = ringed(levels);
            const BitPlane holes = find_holes(band, valid, background, depth);
            for (int r = 0; r < rows; ++r)
                for (int c = 0; c < cols; ++c) {
                    const int deep = filled(r, c) - effective(r, c);
                    const bool expected =
                        depth.relative ? 100 * deep > 15 * filled(r, c) : deep > 200;
                    ASSERT_EQ(holes(r, c), valid(r, c) && expected)
                        << "seed " << seed << " at " << r << ' ' << c;
                }
        }
    }
}

TEST(HoleFill, NeedsMoreThanTheDepth) {
    Levels levels(5, 5, 1200);
    levels(2, 2) = 1000;
    for (const int level : {1000, 999}) {
        levels(2, 2) = level;
        RingedPlane band = ringed(levels);
        EXPECT_EQ(find_holes(band, all_set(5, 5), 1200, {})(2, 2), level == 999);
    }
}

TEST(HoleFill, BorderIsNotLowerThanTheBackground) {
    // A dark pixel at the edge drains to the background outside, and not deeper.
    Levels levels(3, 3, 1500);
    levels(0, 1) = 100;
    RingedPlane band = ringed(levels);
    EXPECT_TRUE(find_holes(band, all_set(3, 3), 1000, {})(0, 1));
    RingedPlane same = ringed(levels);
    EXPECT_FALSE(find_holes(same, all_set(3, 3), 300, {})(0, 1));
}

TEST(HoleFill, ARaisedBackgroundIsAsIfFilledFromIt) {
    for (std::uint32_t seed = 0; seed < 40; ++seed) {
        Noise noise(seed);
        const int rows = 1 + noise.below(30);
        const int cols = 1 + noise.below(30);
        Levels levels(rows, cols);
        for (int& level : levels.cells()) level = noise.below(2000);
        const BitPlane valid = random_bits(rows, cols, 80, seed);
        const int low = noise.below(1500);
        const int high = low + noise.below(1500);
        for (const ShadowDepth depth : {ShadowDepth{false, 0.02}, ShadowDepth{true, 0.15}}) {
            RingedPlane band = ringed(levels);
            BitPlane holes = find_holes(band, valid, low, depth);
            raise_background(holes, band, valid, high, depth);
            RingedPlane same = ringed(levels);
            const BitPlane expected = find_holes(same, valid, high, depth);
            for (int r = 0; r < rows; ++r)
                for (int c = 0; c < cols; ++c)
                    ASSERT_EQ(holes(r, c), expected(r, c))
                        << "seed " << seed << " at " << r << ' ' << c;
        }
    }
}

TEST(HoleFill, BrightLevelsAreCut) {
    Levels levels(3, 3, 20000);
    levels(1, 1) = 100;
    RingedPlane band = ringed(levels);
    EXPECT_TRUE(find_holes(band, all_set(3, 3), 20000, {})(1, 1));
}

}  // namespace
}  // namespace hls::fmask
