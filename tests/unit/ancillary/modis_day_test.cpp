// SPDX-License-Identifier: Apache-2.0
// Merge and gap fill of full-size MODIS files against the rules of lasrc.md 14 written out plainly.
#include "ancillary/modis_day.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "ancillary/ancillary.hpp"
#include "ancillary/cmg.hpp"
#include "core/error.hpp"
#include "io/hdf4.hpp"

namespace hls::ancillary {
namespace {

namespace stdfs = std::filesystem;
using namespace std::chrono;

class ModisDayTest : public ::testing::Test {
 protected:
    void SetUp() override {
        folder = stdfs::temp_directory_path() / ("hls-modis-" + std::to_string(::getpid()));
        stdfs::create_directories(folder);
    }
    void TearDown() override { stdfs::remove_all(folder); }

    stdfs::path folder;
};

constexpr std::size_t kCells = std::size_t{kCmgRows} * kCmgCols;

// Swaths of unknown cells of random length, also across the antimeridian.
VapourGrid simulated(unsigned seed, double unknown) {
    std::mt19937 dice(seed);
    VapourGrid grid{std::vector<std::uint8_t>(kCells), std::vector<std::uint16_t>(kCells)};
    for (int row = 0; row < kCmgRows; ++row) {
        int left = 0;
        bool known = dice() % 2 == 0;
        for (int col = 0; col < kCmgCols; ++col) {
            if (left-- == 0) {
                known = static_cast<double>(dice() % 1000) >= unknown * 1000;
                left = static_cast<int>(dice() % 300);
            }
            const auto i = static_cast<std::size_t>(row) * kCmgCols + static_cast<std::size_t>(col);
            if (known) grid.ozone[i] = static_cast<std::uint8_t>(1 + dice() % 255);
            grid.water_vapour[i] = static_cast<std::uint16_t>(dice() % 60000);
        }
    }
    return grid;
}

void write(const stdfs::path& path, const VapourGrid* grid) {
    io::Hdf4Writer writer(path);
    io::Hdf4Layout layout;
    layout.shape = {kCmgRows, kCmgCols};
    if (grid != nullptr) {
        writer.write<std::uint8_t>("Coarse Resolution Ozone", grid->ozone, layout);
        writer.write<std::uint16_t>("Coarse Resolution Water Vapor", grid->water_vapour, layout);
    } else {
        layout.shape = {2, 2};
        writer.write<std::uint8_t>("Other", std::vector<std::uint8_t>(4), layout);
    }
    writer.close();
}

std::size_t index(int row, int col) {
    return static_cast<std::size_t>(row) * kCmgCols +
           static_cast<std::size_t>((col % kCmgCols + kCmgCols) % kCmgCols);
}

// One cell after the other, looking left and right for known neighbours each time.
VapourGrid expected_day(const VapourGrid& terra, const VapourGrid& aqua,
                        std::vector<std::int8_t>& from) {
    VapourGrid merged{std::vector<std::uint8_t>(kCells), std::vector<std::uint16_t>(kCells)};
    from.assign(kCells, 0);
    for (std::size_t i = 0; i < kCells; ++i) {
        const VapourGrid* source = terra.ozone[i] ? &terra : aqua.ozone[i] ? &aqua : nullptr;
        if (source == nullptr) continue;
        from[i] = source == &terra ? 1 : 2;
        merged.ozone[i] = source->ozone[i];
        merged.water_vapour[i] = source->water_vapour[i];
    }
    VapourGrid filled = merged;
    for (int row = 1000; row <= 2599; ++row)
        for (int col = 0; col < kCmgCols; ++col) {
            if (merged.ozone[index(row, col)] != 0) continue;
            int left = col, right = col;
            while (merged.ozone[index(row, left)] == 0) --left;
            while (merged.ozone[index(row, right)] == 0) ++right;
            const auto value = [&](double a, double b) {
                const float slope =
                    static_cast<float>(std::fabs(b - a)) / static_cast<float>(right - left);
                const float step = static_cast<float>(col - left) * slope;
                return static_cast<int>(b < a ? static_cast<float>(a) - step
                                              : static_cast<float>(a) + step);
            };
            const auto l = index(row, left), r = index(row, right);
            filled.ozone[index(row, col)] =
                static_cast<std::uint8_t>(value(merged.ozone[l], merged.ozone[r]));
            filled.water_vapour[index(row, col)] =
                static_cast<std::uint16_t>(value(merged.water_vapour[l], merged.water_vapour[r]));
        }
    return filled;
}

TEST_F(ModisDayTest, FullSizeDayEqualsTheRules) {
    const VapourGrid terra_cma = simulated(1, .3), aqua_cmg = simulated(2, .4);
    const VapourGrid terra_cmg = simulated(3, .1);
    const std::vector<stdfs::path> files{folder / "MOD09CMG.A2020067.061.2020069031245.hdf",
                                         folder / "MOD09CMA.A2020067.061.2020069031245.hdf",
                                         folder / "MYD09CMG.A2020067.061.2020069031245.hdf",
                                         folder / "MYD09CMA.A2020067.061.2020069031245.hdf"};
    write(files[0], &terra_cmg);  // CMA wins where both have the field
    write(files[1], &terra_cma);
    write(files[2], &aqua_cmg);
    write(files[3], nullptr);
    const stdfs::path output = folder / fused_name(2020y / March / 7);
    EXPECT_EQ(output, folder / "LADS/2020/L8ANC2020067.hdf_fused");
    stdfs::create_directories(output.parent_path());
    const auto report = combine_modis_day(files, output, "test");
    EXPECT_TRUE(report.terra && report.aqua);

    std::vector<std::int8_t> from;
    const VapourGrid wanted = expected_day(terra_cma, aqua_cmg, from);
    const io::Hdf4Reader reader(output);
    const std::vector<int> shape{kCmgRows, kCmgCols};
    EXPECT_EQ(reader.read_shaped<std::uint8_t>("Coarse Resolution Ozone", shape), wanted.ozone);
    EXPECT_EQ(reader.read_shaped<std::uint16_t>("Coarse Resolution Water Vapor", shape),
              wanted.water_vapour);
    EXPECT_EQ(reader.read_shaped<std::int8_t>("wherefrom", shape), from);
    EXPECT_EQ(report.from_terra + report.from_aqua + report.filled + report.unknown,
              static_cast<std::int64_t>(kCells));
    EXPECT_GT(report.filled, 1'000'000);
}

TEST_F(ModisDayTest, RowsAreFilledAroundTheGlobe) {
    std::vector<std::uint8_t> ozone{0, 0, 10, 0, 0, 0, 20, 0};
    std::vector<std::uint16_t> water{9, 9, 100, 9, 9, 9, 50, 9};
    EXPECT_EQ(fill_row(ozone, water), 6);
    EXPECT_EQ(ozone, (std::vector<std::uint8_t>{15, 12, 10, 12, 15, 17, 20, 17}));
    EXPECT_EQ(water, (std::vector<std::uint16_t>{75, 87, 100, 87, 75, 62, 50, 62}));
    std::vector<std::uint8_t> one{0, 7, 0};
    std::vector<std::uint16_t> one_water{0, 3, 0};
    EXPECT_EQ(fill_row(one, one_water), 2);
    EXPECT_EQ(one, (std::vector<std::uint8_t>{7, 7, 7}));
    std::vector<std::uint8_t> none(5);
    std::vector<std::uint16_t> none_water(5);
    EXPECT_EQ(fill_row(none, none_water), 0);
}

TEST_F(ModisDayTest, DaysThatCannotBeMadeAreRefused) {
    const auto code = [](const std::vector<stdfs::path>& files) {
        try {
            usable_files(files);
        } catch (const Error& error) {
            return error.code;
        }
        return Exit::ok;
    };
    const stdfs::path a = "MOD09CMG.A2020067.061.2020069031245.hdf",
                      b = "MOD09CMA.A2020067.061.2020069031245.hdf",
                      c = "MYD09CMA.A2020067.061.2020069031245.hdf";
    EXPECT_EQ(code({a, b}), Exit::ok);
    EXPECT_EQ(usable_files({a, b, c}).size(), 2u) << "half of a platform does not count";
    EXPECT_EQ(code({a, c}), Exit::missing_input);
    EXPECT_EQ(code({a, a, b}), Exit::usage);
    EXPECT_EQ(code({a, "MOD09CMA.A2020068.061.2020069031245.hdf"}), Exit::usage);
    EXPECT_EQ(code({"MOD13.A2020067.061.1.hdf"}), Exit::usage);
    EXPECT_EQ(code({"MOD09CMA.A2021366.061.2020069031245.hdf"}), Exit::usage);
}

TEST_F(ModisDayTest, ADayThatCannotBeFilledIsNotPublished) {
    VapourGrid grid = simulated(4, .2);
    std::fill_n(grid.ozone.begin() + std::ptrdiff_t{1500} * kCmgCols, kCmgCols, std::uint8_t{0});
    const std::vector<stdfs::path> files{folder / "MOD09CMG.A2020067.061.2020069031245.hdf",
                                         folder / "MOD09CMA.A2020067.061.2020069031245.hdf"};
    write(files[0], &grid);
    write(files[1], &grid);
    try {
        combine_modis_day(files, folder / "out", "test");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::bad_input);
        EXPECT_NE(error.message.find("latitude 14.975"), std::string::npos) << error.message;
    }
    EXPECT_FALSE(stdfs::exists(folder / "out"));
}

}  // namespace
}  // namespace hls::ancillary
