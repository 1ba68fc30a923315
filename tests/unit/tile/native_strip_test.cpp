// SPDX-License-Identifier: Apache-2.0
// Trimming to 60 m cells and the choice between twins.
#include "tile/native_strip.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "tile/stored_value.hpp"

namespace hls::tile {
namespace {

constexpr int kRows = 2;
constexpr int kCols = 5;
constexpr std::size_t kRed = 3, kNir = 7;

// Everything valid: reflectance `value`, mask and angles given.
NativeStrip filled(std::int16_t value, std::uint8_t mask, std::uint16_t angle) {
    NativeStrip strip(kRows, kCols);
    for (auto& band : strip.bands) std::ranges::fill(band.cells(), value);
    std::ranges::fill(strip.fmask.cells(), mask);
    for (auto& layer : strip.angles) std::ranges::fill(layer.cells(), angle);
    return strip;
}

std::vector<std::uint8_t> trim(NativeStrip& strip, int row, Range cols = {0, kCols}) {
    std::vector<std::uint8_t> valid(kCols);
    trim_cells(strip, row, cols, valid);
    return valid;
}

TEST(NativeStrip, StartsWithoutData) {
    const NativeStrip strip(kRows, kCols);
    EXPECT_EQ(strip.cell_rows(), kRows);
    EXPECT_EQ(strip.cell_cols(), kCols);
    EXPECT_EQ(strip.bands[1].rows(), 12);
    EXPECT_EQ(strip.bands[8].cols(), 15);
    EXPECT_EQ(strip.bands[9].cols(), 5);
    EXPECT_EQ(strip.fmask(0, 0), 255);
    EXPECT_EQ(strip.angles[3](3, 9), 40000);
}

TEST(TrimCells, AnyMissingSampleTakesTheWholeCell) {
    for (std::size_t band = 0; band < 13; ++band) {
        NativeStrip strip = filled(100, 8, 3000);
        const int n = pixels_per_cell(band);
        strip.bands[band](2 * n - 1, 3 * n + n - 1) = kFill;  // the last sample of cell (1, 3)
        EXPECT_EQ(trim(strip, 0), (std::vector<std::uint8_t>{1, 1, 1, 1, 1})) << band;
        EXPECT_EQ(trim(strip, 1), (std::vector<std::uint8_t>{1, 1, 1, 0, 1})) << band;
        for (std::size_t b = 0; b < 13; ++b) {
            const int m = pixels_per_cell(b);
            EXPECT_EQ(std::ranges::count(strip.bands[b].cells(), kFill), m * m);
            EXPECT_EQ(strip.bands[b](m, 3 * m), kFill);
        }
        EXPECT_EQ(std::ranges::count(strip.fmask.cells(), kMaskFill), 36);
        EXPECT_EQ(strip.angles[0](2, 6), 3000);  // angles stay
    }
}

TEST(TrimCells, LooksAtItsColumnsOnly) {
    NativeStrip strip(kRows, kCols);
    EXPECT_EQ(trim(strip, 0, {1, 3}), (std::vector<std::uint8_t>(kCols)));
    strip = filled(100, 0, 0);
    EXPECT_EQ(trim(strip, 0, {1, 3}), (std::vector<std::uint8_t>{0, 1, 1, 0, 0}));
}

TEST(CountCells, ValidIsB08AndCloudIsOfTheValid) {
    NativeStrip strip = filled(100, 0, 0);
    strip.fmask(0, 0) = 2;  // cloud
    strip.fmask(0, 1) = 4;  // adjacent does not count
    strip.fmask(0, 2) = 8;  // shadow
    strip.fmask(0, 3) = 2;
    strip.bands[kNir](0, 3) = kFill;
    const auto counts = count_cells(strip, 0, {0, kCols});
    EXPECT_EQ(counts.valid, 36 * kCols - 1);
    EXPECT_EQ(counts.cloudy, 2);
}

TEST(FoldCells, TheGreenerTwinWinsAndAnglesAreTheLast) {
    NativeStrip kept = filled(1000, 1, 3000);
    NativeStrip twin = filled(1000, 2, 4000);
    // Cell 0: equal NDVI, the first stays. 1: the twin is greener. 2: the twin is less green.
    // 3: only the twin has it. 4: only the first has it.
    const auto set = [](NativeStrip& strip, std::size_t band, int cell, std::int16_t value) {
        for (int r = 0; r < 6; ++r)
            for (int c = 0; c < 6; ++c) strip.bands[band](r, cell * 6 + c) = value;
    };
    set(twin, kNir, 1, 1001);
    set(twin, kNir, 2, 999);
    kept.bands[0](0, 3) = kFill;
    twin.bands[0](0, 4) = kFill;
    twin.angles[2](0, 1) = kAngleFill;
    fold_cells(twin, 0, {0, kCols}, kept);
    for (const auto& [cell, mask] : {std::pair{0, 1}, {1, 2}, {2, 1}, {3, 2}, {4, 1}})
        EXPECT_EQ(kept.fmask(5, cell * 6 + 5), mask) << cell;
    EXPECT_EQ(kept.bands[kNir](0, 6), 1001);
    EXPECT_EQ(kept.bands[0](0, 3), 1000);
    EXPECT_EQ(kept.angles[2](0, 0), 4000);
    EXPECT_EQ(kept.angles[2](0, 1), 3000);
    EXPECT_EQ(kept.angles[1](0, 1), 4000);
    EXPECT_EQ(kept.fmask(6, 6), 1);  // the row below is not touched
}

TEST(FoldCells, NdviIsThatOfSumsAndNoneWhereOneIsZero) {
    NativeStrip kept = filled(0, 1, 0);          // sums of 0: -9999
    const NativeStrip twin = filled(-10, 2, 0);  // (n - r) / (n + r) = 0
    fold_cells(twin, 0, {0, 1}, kept);
    EXPECT_EQ(kept.fmask(0, 0), 2);
}

}  // namespace
}  // namespace hls::tile
