// SPDX-License-Identifier: Apache-2.0
// Filling of VIIRS days from monthly means against the rules of lasrc.md 14.6, and the means.
#include "ancillary/gap_fill.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <random>

#include "ancillary/cmg.hpp"
#include "ancillary/day_grid.hpp"
#include "ancillary/monthly_mean.hpp"
#include "core/error.hpp"
#include "io/hdf5.hpp"
#include "simulate/ancillary_writer.hpp"

namespace hls::ancillary {
namespace {

namespace stdfs = std::filesystem;
using namespace std::chrono;

constexpr std::size_t kCells = std::size_t{kCmgRows} * kCmgCols;

VapourGrid constant(std::uint8_t ozone, std::uint16_t water) {
    return {std::vector<std::uint8_t>(kCells, ozone), std::vector<std::uint16_t>(kCells, water)};
}

std::size_t index(int row, int col) {
    return static_cast<std::size_t>(row) * kCmgCols + static_cast<std::size_t>(col);
}

// Percentages as the text has them, by counting the days up.
std::array<double, 3> percentages(int day) {
    double before = 50, own = 50, after = 0;
    for (int i = 1; i < std::min(day, 16); ++i) {
        own += 10 / 3.;
        before -= 10 / 3.;
    }
    for (int i = 16; i < day; ++i) {
        own -= 10 / 3.;
        after += 10 / 3.;
    }
    return {before < 3 ? 0 : before, own, after < 3 ? 0 : after};
}

TEST(MonthShares, FollowTheDayOfTheMonth) {
    EXPECT_EQ(month_shares(1), (MonthShares{15, 15, 0}));
    EXPECT_EQ(month_shares(15), (MonthShares{1, 29, 0}));
    EXPECT_EQ(month_shares(16), (MonthShares{0, 30, 0}));
    EXPECT_EQ(month_shares(17), (MonthShares{0, 29, 1}));
    EXPECT_EQ(month_shares(31), (MonthShares{0, 15, 15}));
    for (unsigned day = 1; day <= 31; ++day) {
        const auto shares = month_shares(day);
        const auto percent = percentages(static_cast<int>(day));
        EXPECT_NEAR(shares.before * 100 / 30., percent[0], 1e-9) << day;
        EXPECT_NEAR(shares.own * 100 / 30., percent[1], 1e-9) << day;
        EXPECT_NEAR(shares.after * 100 / 30., percent[2], 1e-9) << day;
    }
}

TEST(MonthChoices, TheYearBeforeButForTheMonthBefore) {
    const auto march = month_choices(2024y / 3 / 7);
    EXPECT_EQ(march.before, (std::array{2024y / February, 2023y / February}));
    EXPECT_EQ(march.own, (std::array{2023y / March, 2022y / March}));
    EXPECT_EQ(march.after, (std::array{2023y / April, 2022y / April}));
    EXPECT_EQ(month_choices(2024y / 1 / 7).before[0], 2023y / December);
    EXPECT_EQ(month_choices(2024y / 12 / 7).after[0], 2024y / January);
}

TEST(Blend, TruncatesAndPassesOnWhatIsAbsent) {
    EXPECT_EQ(blend({15, 15, 0}, 101, 102, 250), 101);  // 101.5
    EXPECT_EQ(blend({0, 30, 0}, 7, 120, 9), 120);       // day 16 is the month itself
    EXPECT_EQ(blend({15, 15, 0}, 0, 102, 250), 102);    // the heavier of own and after
    EXPECT_EQ(blend({0, 20, 10}, 50, 0, 80), 80);
    EXPECT_EQ(blend({0, 30, 0}, 50, 0, 80), 50);  // equal shares of none
    EXPECT_EQ(blend({0, 30, 0}, 0, 0, 80), 80);   // the only one there is
    EXPECT_EQ(blend({15, 15, 0}, 0, 0, 80), 80);
    EXPECT_EQ(blend({0, 15, 15}, 0, 0, 0), 0);
}

TEST(FillGaps, MonthsFirstThenRows) {
    VapourGrid day = constant(100, 200);
    day.ozone[index(10, 5)] = 0;             // polar, known to the months
    day.ozone[index(11, 5)] = 0;             // polar, known to none
    day.ozone[index(1500, 7)] = 0;           // tropical, known to none
    day.water_vapour[index(1500, 7)] = 999;  // what stands beside an unknown ozone means nothing
    VapourGrid own = constant(130, 270);
    own.ozone[index(11, 5)] = own.ozone[index(1500, 7)] = 0;
    const GapFill report = fill_gaps(day, {nullptr, &own, nullptr}, 16);
    EXPECT_EQ(report.unknown, 3);
    EXPECT_EQ(report.from_months, 1);
    EXPECT_EQ(report.along_rows, 1);
    EXPECT_EQ(report.left, 1);
    EXPECT_EQ(day.ozone[index(10, 5)], 130);
    EXPECT_EQ(day.water_vapour[index(10, 5)], 270);
    EXPECT_EQ(day.ozone[index(11, 5)], 0);
    EXPECT_EQ(day.ozone[index(1500, 7)], 100);
    EXPECT_EQ(day.water_vapour[index(1500, 7)], 200);
}

TEST(FillGaps, WhatCannotBeFilledIsRefused) {
    VapourGrid row = constant(100, 200);
    std::fill_n(row.ozone.begin() + static_cast<std::ptrdiff_t>(index(1800, 0)), kCmgCols, 0);
    VapourGrid copy = row;
    EXPECT_THROW(fill_gaps(copy, {}, 3), Error);
    const VapourGrid mean = constant(90, 100);
    EXPECT_EQ(fill_gaps(row, {&mean, nullptr, nullptr}, 3).from_months, kCmgCols);
    VapourGrid most = constant(0, 0);
    std::fill_n(most.ozone.begin(), kCells * 49 / 100, 100);
    EXPECT_THROW(fill_gaps(most, {&mean, nullptr, nullptr}, 3), Error);
}

TEST(MonthlyMean, OverTheDaysThatKnow) {
    MonthlyMean mean;
    VapourGrid day = constant(100, 60000);
    day.ozone[3] = 0;
    day.water_vapour[4] = 0;
    mean.add(day);
    day = constant(101, 60001);
    day.ozone[5] = 0;
    mean.add(day);
    const VapourGrid result = mean.mean();
    EXPECT_EQ(mean.days(), 2);
    EXPECT_EQ(result.ozone[0], 100);  // 100.5
    EXPECT_EQ(result.ozone[3], 101);
    EXPECT_EQ(result.ozone[5], 100);
    EXPECT_EQ(result.water_vapour[0], 60000);
    EXPECT_EQ(result.water_vapour[4], 60001);
}

TEST(JudgeGrid, CountsWhatIsNotUsable) {
    VapourGrid grid = constant(100, 200);
    grid.ozone[index(0, 0)] = grid.ozone[index(1000, 0)] = grid.ozone[index(2600, 0)] = 0;
    grid.ozone[7] = 10;
    grid.water_vapour[8] = 3000;
    const GridQuality quality = judge_grid(grid);
    EXPECT_EQ(quality.unknown, 3);
    EXPECT_EQ(quality.unknown_in_belt, 1);
    EXPECT_EQ(quality.implausible, 2);
    EXPECT_THROW(require_usable(quality, "x"), Error);
    EXPECT_THROW(require_usable(judge_grid(constant(255, 60000)), "x"), Error);
    EXPECT_NO_THROW(require_usable(judge_grid(constant(120, 300)), "x"));
}

class ViirsDay : public ::testing::Test {
 protected:
    void SetUp() override {
        folder = stdfs::temp_directory_path() / ("hls-viirs-" + std::to_string(::getpid()));
        stdfs::create_directories(folder);
    }
    void TearDown() override { stdfs::remove_all(folder); }

    stdfs::path folder;
};

TEST_F(ViirsDay, FilledInACopyTheRestStays) {
    simulate::CmgField ozone{
        100, [](int row, int col) { return (row + col) % 3 ? 0 : 110; }, {1000, 7100, 500, 300}};
    simulate::write_viirs_day(folder / "in.h5", ozone, {200});
    const VapourGrid before = read_day_grid(folder / "in.h5");
    const VapourGrid mean = constant(120, 250);
    const auto report =
        fill_viirs_day(folder / "in.h5", folder / "out.h5", {nullptr, &mean, nullptr}, 16);
    EXPECT_EQ(report.unknown, 100000);
    EXPECT_EQ(read_day_grid(folder / "in.h5").ozone, before.ozone);
    const VapourGrid after = read_day_grid(folder / "out.h5");
    for (std::size_t i = 0; i < kCells; ++i) {
        ASSERT_EQ(after.ozone[i], before.ozone[i] ? before.ozone[i] : 120) << i;
        ASSERT_EQ(after.water_vapour[i], before.ozone[i] ? 200 : 250) << i;
    }
    EXPECT_THROW(
        fill_viirs_day(folder / "absent.h5", folder / "out.h5", {nullptr, &mean, nullptr}, 16),
        Error);
}

TEST_F(ViirsDay, MeansAsFiles) {
    const VapourGrid mean = constant(120, 2500);
    write_mean_ozone(folder / "oz.img", mean);
    write_mean_water_vapour(folder / "wv.img", mean);
    EXPECT_EQ(stdfs::file_size(folder / "wv.img"), kCells * 2);
    const VapourGrid back = read_mean(folder / "oz.img", folder / "wv.img");
    EXPECT_EQ(back.ozone, mean.ozone);
    EXPECT_EQ(back.water_vapour, mean.water_vapour);
    EXPECT_THROW(read_mean(folder / "wv.img", folder / "oz.img"), Error);
    EXPECT_EQ(mean_files(2024y / February).ozone.string(),
              "monthly_avgs/2024/monthly_avg_oz_2024_02.img");
}

}  // namespace
}  // namespace hls::ancillary
