// SPDX-License-Identifier: Apache-2.0
// Resampling to 30 m against the rule written in floating point (tiling.md 3.9).
#include "tile/to_30m.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "tile/fmask_bits.hpp"
#include "tile/stored_value.hpp"

namespace hls::tile {
namespace {

using Row = std::vector<std::int16_t>;

// Whole range of int16 with some fill.
Row noise(std::mt19937& random, std::size_t count) {
    Row row(count);
    for (auto& v : row)
        v = random() % 50 == 0 ? kFill : static_cast<std::int16_t>(random() % 65536 - 32768);
    return row;
}

TEST(To30m, TenMetresAreTheRoundedMeanOfNine) {
    std::mt19937 random(1);
    const std::array<Row, 3> rows{noise(random, 3000), noise(random, 3000), noise(random, 3000)};
    Row out(1000);
    mean_of_10m({rows[0].data(), rows[1].data(), rows[2].data()}, out);
    for (std::size_t i = 0; i < out.size(); ++i) {
        double sum = 0;
        bool fill = false;
        for (const Row& row : rows)
            for (std::size_t k = 0; k < 3; ++k) {
                sum += row[3 * i + k];
                fill |= row[3 * i + k] == kFill;
            }
        EXPECT_EQ(out[i], fill ? kFill : round_half_up(sum / 9)) << i;
    }
}

TEST(To30m, TwentyMetresAreWeightedByArea) {
    std::mt19937 random(2);
    const std::array<Row, 3> rows{noise(random, 300), noise(random, 300), noise(random, 300)};
    for (int row = 0; row < 2; ++row) {
        const RowPair20m pair = rows_of_20m(row);
        Row out(200);
        mean_of_20m(rows[static_cast<std::size_t>(pair.whole)].data(),
                    rows[static_cast<std::size_t>(pair.half)].data(), out);
        for (std::size_t i = 0; i < out.size(); ++i) {
            const auto first = static_cast<std::size_t>(1.5 * static_cast<double>(i));
            const auto top = static_cast<std::size_t>(1.5 * row);
            double sum = 0;
            bool fill = false;
            for (std::size_t r = 0; r < 2; ++r)
                for (std::size_t c = 0; c < 2; ++c) {
                    const bool full_row = (row % 2 == 0) == (r == 0);
                    const bool full_col = (i % 2 == 0) == (c == 0);
                    const auto value = rows[top + r][first + c];
                    sum += value * (full_row ? 1 : 0.5) * (full_col ? 1 : 0.5);
                    fill |= value == kFill;
                }
            EXPECT_EQ(out[i], fill ? kFill : round_half_up(sum / 2.25)) << row << ", " << i;
        }
    }
    EXPECT_EQ(rows_of_20m(2).whole, 3);
    EXPECT_EQ(rows_of_20m(3659).whole, 5489);
    EXPECT_EQ(rows_of_20m(3659).half, 5488);
}

TEST(To30m, SixtyMetresAreRepeated) {
    const Row row{7, kFill, -3};
    Row out(6);
    repeat_60m(row.data(), out);
    EXPECT_EQ(out, (Row{7, 7, kFill, kFill, -3, -3}));
}

TEST(To30m, MaskTakesAllBitsAndTheHighestLevel) {
    const std::vector<std::uint8_t> a{fmask::kCloud, 0, 0, 0, 0, 0};
    const std::vector<std::uint8_t> b{0x40 | fmask::kWater, 0, 0x80, 255, 0, 0};
    const std::vector<std::uint8_t> c{0, 0, fmask::kShadow, 0, 0, 0};
    std::vector<std::uint8_t> out(2);
    merge_mask_10m({a.data(), b.data(), c.data()}, out);
    EXPECT_EQ(out[0], 0x80 | fmask::kCloud | fmask::kWater | fmask::kShadow);
    EXPECT_EQ(out[1], 255);
}

}  // namespace
}  // namespace hls::tile
