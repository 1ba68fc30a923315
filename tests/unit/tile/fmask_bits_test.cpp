// SPDX-License-Identifier: Apache-2.0
#include "tile/fmask_bits.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "core/view2d.hpp"

namespace hls::tile {
namespace {

using Bytes = std::vector<std::uint8_t>;

// tiling.md 4.
TEST(PackFmask, ClassesBecomeBits) {
    const Bytes classes{0, 1, 2, 3, 4, 5, 255};
    const Bytes none(classes.size(), 0);
    Bytes out(classes.size());
    pack_fmask(classes, none, none, out);
    EXPECT_EQ(out, (Bytes{0, 32, 8, 16, 2, 1, 255}));
}

TEST(PackFmask, AdjacentOverwritesAllButSeedsAndNoData) {
    const Bytes classes{0, 1, 2, 3, 4, 5, 255};
    const Bytes near(classes.size(), 1);
    const Bytes none(classes.size(), 0);
    Bytes out(classes.size());
    pack_fmask(classes, near, none, out);
    EXPECT_EQ(out, (Bytes{4, 4, 8, 4, 2, 4, 255}));
}

TEST(PackFmask, AerosolLevelIsTheTopOfTheQaByte) {
    const Bytes classes{0, 0, 0, 1, 255};
    const Bytes none(classes.size(), 0);
    const Bytes qa{0x3F, 0x42, 0x82, 0xC2, 0xC0};
    Bytes out(classes.size());
    pack_fmask(classes, none, qa, out);
    EXPECT_EQ(out, (Bytes{0, 0x40, 0x80, 0xE0, 255}));
}

TEST(MergeFmask, JoinsBitsAndTakesTheHighestAerosol) {
    EXPECT_EQ(merge_fmask(0x42, 0x88), 0x8A);
    EXPECT_EQ(merge_fmask(0xC0, 0x60), 0xE0);
    EXPECT_EQ(merge_fmask(0x00, 255), 255);
}

TEST(IsFmaskClass, KnowsSixClassesAndNoData) {
    for (int v = 0; v < 256; ++v)
        EXPECT_EQ(is_fmask_class(static_cast<std::uint8_t>(v)), v <= 5 || v == 255) << v;
}

// Against the definition: any seed in the square window.
TEST(SpreadSeeds, JoinedOverRowsIsTheSquareWindow) {
    std::mt19937 random(11);
    std::uniform_int_distribution<int> percent(0, 99);
    constexpr int kRows = 40;
    constexpr int kCols = 61;
    for (const int half : {kDilation30m, kDilation20m}) {
        Plane<std::uint8_t> classes(kRows, kCols);
        for (auto& c : classes.cells()) {
            const int p = percent(random);
            c = static_cast<std::uint8_t>(p == 0 ? 4 : p == 1 ? 2 : p < 30 ? 1 : 0);
        }
        Plane<std::uint8_t> rows(kRows, kCols);
        for (int r = 0; r < kRows; ++r) spread_seeds(classes.row(r), half, rows.row(r));
        for (int r = 0; r < kRows; ++r) {
            Bytes near(kCols, 0);
            for (int k = std::max(0, r - half); k < std::min(kRows, r + half + 1); ++k)
                join_rows(rows.row(k), near);
            for (int c = 0; c < kCols; ++c) {
                bool expected = false;
                for (int y = std::max(0, r - half); y <= std::min(kRows - 1, r + half); ++y)
                    for (int x = std::max(0, c - half); x <= std::min(kCols - 1, c + half); ++x)
                        expected |= classes(y, x) == 2 || classes(y, x) == 4;
                ASSERT_EQ(near[static_cast<std::size_t>(c)] != 0, expected) << r << ' ' << c;
            }
        }
    }
}

}  // namespace
}  // namespace hls::tile
