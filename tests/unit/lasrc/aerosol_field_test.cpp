// SPDX-License-Identifier: Apache-2.0
// Window geometry at image edges, filling of failed windows, interpolation to pixels.
#include "lasrc/aerosol_field.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace hls::lasrc {
namespace {

TEST(Windows, CountAndCentersForEverySize) {
    // The reference visits centres 1, 4, 7, .. < n.
    for (int n = 2; n < 40; ++n) {
        int count = 0;
        for (int center = 1; center < n; center += 3) {
            EXPECT_EQ(window_center(count, n), center);
            ++count;
        }
        EXPECT_EQ(window_count(n), count) << n;
    }
    EXPECT_EQ(window_count(1), 1);
    EXPECT_EQ(window_center(0, 1), 0);
}

AerosolField field_of(int rows, int cols, float aot = .2f) {
    AerosolField field(rows, cols);
    for (std::size_t i = 0; i < field.flags.size(); ++i) {
        field.aot550.cells()[i] = aot;
        field.eps.cells()[i] = 1.5f;
        field.flags.cells()[i] = kFlagValid;
        field.center_is_fill.cells()[i] = 0;
    }
    return field;
}

void fail(AerosolField& field, int row, int col) {
    field.flags(row, col) = 0;
    field.aot550(row, col) = 9.f;
}

TEST(FillFailedWindows, MeanOfNeighboursWithinTwo) {
    AerosolField field = field_of(21, 21);
    fail(field, 3, 3);
    field.aot550(1, 1) = .2f + 24.f * .01f;  // a corner of the 5 x 5 neighbourhood
    field.aot550(0, 0) = 100.f;              // outside
    fill_failed_windows(field);
    EXPECT_NEAR(field.aot550(3, 3), .21f, 1e-6);
    EXPECT_FLOAT_EQ(field.eps(3, 3), 1.5f);
    EXPECT_EQ(field.flags(3, 3), 0);
}

TEST(FillFailedWindows, NothingValidGivesTheDefault) {
    AerosolField field = field_of(9, 9);
    for (int r = 0; r < 3; ++r)
        for (int c = 0; c < 3; ++c) fail(field, r, c);
    fill_failed_windows(field);
    for (const float aot : field.aot550.cells()) EXPECT_EQ(aot, .05f);
    for (const float eps : field.eps.cells()) EXPECT_EQ(eps, 1.5f);
}

TEST(FillFailedWindows, SpreadsAlongTheRasterAndBack) {
    // One valid window in the middle of a line of 11: forward passes carry it right in one go, the
    // reverse pass left.
    AerosolField field = field_of(3, 33, .4f);
    for (int c = 0; c < 11; ++c)
        if (c != 5) fail(field, 0, c);
    fill_failed_windows(field);
    for (int c = 0; c < 11; ++c) EXPECT_FLOAT_EQ(field.aot550(0, c), .4f) << c;
}

TEST(FillFailedWindows, FillWindowsAreNoDonorsAndStay) {
    AerosolField field = field_of(9, 9);
    fail(field, 1, 1);
    field.flags(0, 0) = kFlagFill;
    field.aot550(0, 0) = 0.f;
    // Land found in a window whose centre is fill: a donor.
    field.flags(0, 1) = kFlagFill | kFlagValid;
    field.aot550(0, 1) = .9f;
    fill_failed_windows(field);
    EXPECT_NEAR(field.aot550(1, 1), (6 * .2 + .9) / 7, 1e-6);
    EXPECT_EQ(field.aot550(0, 0), 0.f);
}

struct Row {
    explicit Row(const AerosolField& field, int row, const Quirks& quirks = Quirks::keep())
        : aot(static_cast<std::size_t>(field.cols)), eps(aot.size()), flags(aot.size()) {
        interpolate_row(field, row, quirks, {aot, eps, flags});
    }
    std::vector<float> aot, eps;
    std::vector<std::uint8_t> flags;
};

TEST(InterpolateRow, IsBilinearBetweenCenters) {
    AerosolField field = field_of(9, 9);
    for (int r = 0; r < 3; ++r)
        for (int c = 0; c < 3; ++c) field.aot550(r, c) = static_cast<float>(.1 + .3 * r + .03 * c);
    for (int row = 1; row <= 7; ++row) {
        const Row got(field, row);
        for (std::size_t col = 1; col <= 7; ++col)
            EXPECT_NEAR(got.aot[col], .1 + .1 * (row - 1) + .01 * (static_cast<double>(col) - 1),
                        1e-6);
    }
    // No window beyond the rim: constant outwards.
    EXPECT_FLOAT_EQ(Row(field, 0).aot[0], .1f);
    EXPECT_FLOAT_EQ(Row(field, 8).aot[8], .76f);
}

TEST(InterpolateRow, FlagsCentersAndWater) {
    AerosolField field = field_of(9, 9);
    field.flags(1, 1) = kFlagValid | kFlagWater;
    EXPECT_EQ(Row(field, 4).flags[4], kFlagValid | kFlagWater);
    EXPECT_EQ(Row(field, 1).flags[1], kFlagValid);
    // Pixel (2, 2) lies between centres 0 and 1, pixel (0, 0) has no neighbour beyond the rim.
    EXPECT_EQ(Row(field, 2).flags[2], kFlagInterpolated | kFlagWater);
    EXPECT_EQ(Row(field, 0).flags[0], kFlagInterpolated);
    // On a centre column the window to the right counts, though its weight is 0.
    EXPECT_EQ(Row(field, 3).flags[1], kFlagInterpolated | kFlagWater);
    EXPECT_EQ(Row(field, 3).flags[7], kFlagInterpolated);
    field.center_is_fill(1, 1) = 1;
    EXPECT_EQ(Row(field, 2).flags[2], kFlagInterpolated);
}

TEST(InterpolateRow, EmptyNeighbourPullsDownUnlessFixed) {
    AerosolField field = field_of(9, 9, .3f);
    field.aot550(1, 2) = field.eps(1, 2) = 0.f;
    field.flags(1, 2) = kFlagFill;
    EXPECT_NEAR(Row(field, 4).aot[5], .2f, 1e-6);
    EXPECT_FLOAT_EQ(Row(field, 4, Quirks::fix()).aot[5], .3f);
}

TEST(InterpolateRow, FastAndGeneralPathsAgreeToTheBit) {
    for (const int n : {7, 8, 9, 10, 30, 31, 32}) {
        AerosolField field = field_of(n, n);
        std::uint32_t state = 1;
        for (std::size_t i = 0; i < field.flags.size(); ++i) {
            state = state * 1664525u + 1013904223u;
            field.aot550.cells()[i] = static_cast<float>(state >> 8) / 1e7f;
            field.eps.cells()[i] = 1.f + static_cast<float>(state >> 10) / 4e6f;
            if (state >> 31) field.flags.cells()[i] |= kFlagWater;
            field.center_is_fill.cells()[i] = (state >> 30) & 1;
        }
        // Without empty windows the two settings mean the same; `fix` takes the general path.
        for (int row = 0; row < n; ++row) {
            const Row fast(field, row, Quirks::keep()), general(field, row, Quirks::fix());
            EXPECT_EQ(fast.aot, general.aot) << n << " " << row;
            EXPECT_EQ(fast.eps, general.eps) << n << " " << row;
            EXPECT_EQ(fast.flags, general.flags) << n << " " << row;
        }
    }
}

TEST(InterpolateRow, LastRowsOfEveryRemainder) {
    for (const int n : {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}) {
        AerosolField field = field_of(n, n, .3f);
        const int last = field.aot550.rows() - 1;
        field.aot550(last, last) = .6f;
        const Row row(field, n - 1);
        EXPECT_FLOAT_EQ(row.aot.back(), .6f) << n;
        // n % 3 == 2: the last centre is the last pixel and is not used as a neighbour.
        if (n > 4 && n % 3 == 2) {
            EXPECT_FLOAT_EQ(Row(field, n - 1).aot[static_cast<std::size_t>(n - 3)], .3f);
        }
    }
}

}  // namespace
}  // namespace hls::lasrc
