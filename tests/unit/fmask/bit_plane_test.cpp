// SPDX-License-Identifier: Apache-2.0
#include "fmask/bit_plane.hpp"

#include <gtest/gtest.h>

#include "fmask/morphology.hpp"
#include "random_planes.hpp"

namespace hls::fmask {
namespace {

TEST(BitPlane, PacksAndUnpacksRowsOfAnyLength) {
    for (const int cols : {1, 63, 64, 65, 200}) {
        Noise noise(static_cast<std::uint32_t>(cols));
        std::vector<std::uint8_t> bytes(static_cast<std::size_t>(cols)), back(bytes.size());
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(noise.below(2));
        BitPlane plane(1, cols);
        pack_row(bytes, plane.row(0));
        unpack_row(plane.row(0), back);
        EXPECT_EQ(bytes, back);
    }
}

TEST(BitPlane, RunsAreThoseOfTheRow) {
    for (const int percent : {0, 5, 50, 95, 100})
        for (const int cols : {1, 64, 130, 192}) {
            const BitPlane plane = random_bits(1, cols, percent, static_cast<std::uint32_t>(cols));
            std::vector<std::pair<int, int>> runs, expected;
            for_each_run(plane.row(0),
                         [&](int a, int b) { runs.emplace_back(a, std::min(b, cols)); });
            for (int c = 0; c < cols; ++c) {
                if (!plane(0, c)) continue;
                if (c > 0 && plane(0, c - 1))
                    expected.back().second = c + 1;
                else
                    expected.emplace_back(c, c + 1);
            }
            EXPECT_EQ(runs, expected) << cols << " columns, " << percent << " %";
        }
}

TEST(BitPlane, CountsAndSubtracts) {
    BitPlane a = random_bits(9, 77, 40, 1);
    const BitPlane b = random_bits(9, 77, 40, 2);
    const auto before = a.count();
    const auto both = count_both(a, b);
    a -= b;
    EXPECT_EQ(a.count(), before - both);
    EXPECT_EQ(count_both(a, b), 0);
}

// Set where any pixel of the shape is.
template <typename InShape>
BitPlane plain_dilation(const BitPlane& plane, int radius, InShape in_shape) {
    BitPlane out(plane.rows(), plane.cols());
    for (int r = 0; r < plane.rows(); ++r)
        for (int c = 0; c < plane.cols(); ++c)
            for (int dr = -radius; dr <= radius; ++dr)
                for (int dc = -radius; dc <= radius; ++dc) {
                    const int rr = r + dr;
                    const int cc = c + dc;
                    if (rr < 0 || cc < 0 || rr >= plane.rows() || cc >= plane.cols()) continue;
                    if (in_shape(dr, dc) && plane(rr, cc)) out.set(r, c);
                }
    return out;
}

TEST(Morphology, SquaresAndDisksAreThePlainOnes) {
    for (const int cols : {5, 64, 130})
        for (const int radius : {0, 1, 2, 3, 4, 8, 12, 70}) {
            const BitPlane plane =
                random_bits(40, cols, 3, static_cast<std::uint32_t>(cols + radius));
            EXPECT_EQ(dilate_square(plane, radius, 2),
                      plain_dilation(plane, radius, [](int, int) { return true; }))
                << radius;
            EXPECT_EQ(
                dilate_disk(plane, radius, 1),
                plain_dilation(plane, radius,
                               [&](int a, int b) { return a * a + b * b <= radius * radius; }))
                << radius;
        }
}

TEST(Morphology, ErosionLeavesTheMiddleOfADiskAndTakesTheEdgeForCloud) {
    BitPlane dot(15, 15);
    dot.set(7, 7);
    EXPECT_EQ(erode_disk(dilate_disk(dot, 3, 1), 3, 1), dot);
    EXPECT_EQ(dilate_disk(dot, 3, 1).count(), 29);  // pixels with x^2 + y^2 <= 9
    EXPECT_EQ(dilate_disk(dot, 4, 1).count(), 49);
    EXPECT_EQ(erode_disk(all_set(6, 6), 3, 1).count(), 36);
}

TEST(Morphology, MajorityIsFiveOfNine) {
    BitPlane plane(3, 3);
    for (const auto& [r, c] : {std::pair{0, 0}, {0, 1}, {1, 0}, {2, 2}}) plane.set(r, c);
    EXPECT_FALSE(majority_of_nine(plane, 1)(1, 1));
    plane.set(1, 2);
    EXPECT_TRUE(majority_of_nine(plane, 1)(1, 1));
    BitPlane lonely(5, 5);
    lonely.set(2, 2);
    EXPECT_EQ(majority_of_nine(lonely, 1).count(), 0);
}

}  // namespace
}  // namespace hls::fmask
