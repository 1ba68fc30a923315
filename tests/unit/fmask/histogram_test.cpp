// SPDX-License-Identifier: Apache-2.0
#include "fmask/histogram.hpp"

#include <gtest/gtest.h>

#include "fmask/quantile.hpp"

namespace hls::fmask {
namespace {

TEST(Histogram, QuantilesAreLinearWithinABin) {
    Histogram h(-5, 100);
    for (int v = 1; v <= 100; ++v) h.add(v);
    EXPECT_DOUBLE_EQ(*h.quantile(0.5), 50.5);
    EXPECT_DOUBLE_EQ(*h.quantile(0.175), 18.0);
    EXPECT_DOUBLE_EQ(*h.quantile(0), 0.5);
    EXPECT_DOUBLE_EQ(*h.quantile(1), 100.5);
    EXPECT_FALSE(Histogram(0, 3).quantile(0.5));
}

TEST(Histogram, ValuesBeyondTheEndsAreCountedAtThem) {
    Histogram h(0, 10);
    h.add(-7);
    h.add(12);
    EXPECT_EQ(h.total(), 2);
    EXPECT_NEAR(*h.quantile(0.25), 0, 0.5);
    EXPECT_NEAR(*h.quantile(0.75), 10, 0.5);
}

TEST(Histogram, SumsOfPartsAreTheWhole) {
    std::vector<Histogram> parts(3, Histogram(0, 50));
    Histogram whole(0, 50);
    for (int v = 0; v < 300; ++v) {
        parts[static_cast<std::size_t>(v % 3)].add(v * v % 51);
        whole.add(v * v % 51);
    }
    EXPECT_EQ(sum_of(parts).quantile(0.3), whole.quantile(0.3));
}

TEST(Histogram, OtsuSplitsTwoGroups) {
    Histogram h(0, 1000);
    for (int v = 100; v < 150; ++v) h.add(v);
    for (int v = 700; v < 800; ++v) h.add(v);
    EXPECT_GT(*h.otsu_split(), 149);
    EXPECT_LT(*h.otsu_split(), 700);
    Histogram one(0, 9);
    one.add(4);
    EXPECT_DOUBLE_EQ(*one.otsu_split(), 4);
    EXPECT_FALSE(Histogram(0, 9).otsu_split());
}

TEST(QuantileFinder, CountingAndSortingAgree) {
    std::vector<std::int16_t> values;
    for (int i = 0; i < 20000; ++i)
        values.push_back(static_cast<std::int16_t>((i * 7919) % 4001 - 2000));
    QuantileFinder counted(20000);
    counted.add(values);
    QuantileFinder sorted(100);  // as if few, so that they are kept
    sorted.add(values);
    for (const double q : {0., 0.1, 0.49, 0.9, 1.})
        EXPECT_DOUBLE_EQ(counted.quantile(q), sorted.quantile(q)) << q;
}

}  // namespace
}  // namespace hls::fmask
