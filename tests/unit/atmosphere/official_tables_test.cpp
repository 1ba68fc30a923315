// SPDX-License-Identifier: Apache-2.0
// The official layout: NASA's golden files read, our tables written and read back, damaged files.
#include "atmosphere/official_tables.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>

#include "atmosphere/angle_grid.hpp"
#include "core/error.hpp"
#include "io/hdf4.hpp"

namespace hls::atmosphere {
namespace {

namespace stdfs = std::filesystem;

stdfs::path golden(const char* name) {
    const char* data = std::getenv("HLS_TEST_DATA");
    return stdfs::path(data ? data : "../shared/data") / "golden" / name;
}

Exit code_of(const std::function<void()>& action, std::string* message = nullptr) {
    try {
        action();
    } catch (const Error& error) {
        if (message) *message = error.message;
        return error.code;
    }
    return Exit::ok;
}

// Every value is different and has its place in it.
Tables made_up(Sensor sensor, int views) {
    Tables tables;
    tables.sensor = sensor;
    tables.source = "made up";
    tables.angles = make_angle_grid(views, 0);
    float seed = 0.f;
    for (const BandConstants& constants : band_constants(sensor)) {
        BandTable& band = tables.bands.emplace_back();
        band.name = constants.name;
        const auto fill = [&](std::vector<float>& values, int count, float scale) {
            for (int i = 0; i < count; ++i)
                values.push_back((seed + static_cast<float>(i) + 1.f) * scale);
        };
        fill(band.path_reflectance, kPressures * kAots * tables.angles.entries, 1e-6f);
        fill(band.transmittance, kPressures * kAots * kSuns, 1.f / 4096);
        for (float& t : band.transmittance) t = t - std::floor(t);
        fill(band.spherical_albedo, kPressures * kAots, 1e-3f);
        fill(band.extinction, kPressures * kAots, 1e-2f);
        seed += 1.f;
    }
    return tables;
}

class Official : public ::testing::Test {
 protected:
    void SetUp() override {
        folder_ = stdfs::path(testing::TempDir()) /
                  ("official_" +
                   std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
        stdfs::remove_all(folder_);
        stdfs::create_directories(folder_);
    }
    void TearDown() override { stdfs::remove_all(folder_); }

    stdfs::path folder_;
};

// Spot values taken with `hdp dumpsds` and by eye from the text files.
TEST_F(Official, GoldenOli) {
    const stdfs::path folder = golden("lasrc_landsat/ancillary/LDCMLUT");
    if (!stdfs::exists(folder)) GTEST_SKIP() << "no golden data at " << folder;
    const Tables tables = read_official_tables(folder, Sensor::oli);
    ASSERT_EQ(tables.bands.size(), 8u);
    EXPECT_EQ(tables.angles.entries, 8000);
    EXPECT_EQ(tables.angles.sun_start[21], 5527);
    EXPECT_FLOAT_EQ(tables.angles.view_zenith_deg[1], 2.840905f);
    EXPECT_EQ(tables.angles.count(1, 1), 3);
    const BandTable& band = tables.band("1");
    EXPECT_FLOAT_EQ(band.transmittance[0], 0.882125f);                             // 1050, .01, 0
    EXPECT_FLOAT_EQ(band.transmittance[(0 * kAots + 21) * kSuns + 1], 0.205228f);  // 1050, 5, 4
    EXPECT_EQ(band.transmittance[21], 0.f);
    EXPECT_FLOAT_EQ(band.spherical_albedo[3], 0.198645f);
    EXPECT_FLOAT_EQ(band.extinction[3], 1.324789f);
    // Through GDAL: entry 1385, AOT .6, 900 hPa.
    const std::size_t at = (2 * kAots + 7) * 8000 + 1385;
    EXPECT_FLOAT_EQ(band.path_reflectance[at], 0.137863159f);
    EXPECT_FLOAT_EQ(tables.band("7").path_reflectance[at], 0.0100488663f);
}

TEST_F(Official, GoldenGridFollowsOurRule) {
    const stdfs::path folder = golden("lasrc_sentinel2/ancillary/MSILUT");
    if (!stdfs::exists(folder)) GTEST_SKIP() << "no golden data at " << folder;
    const Tables tables = read_official_tables(folder, Sensor::msi);
    ASSERT_EQ(tables.bands.size(), 13u);
    EXPECT_FLOAT_EQ(tables.band("7").path_reflectance[(2 * kAots + 7) * 8000 + 1385], 0.041847229f);
    const AngleGrid ours = make_angle_grid(20, 8000);
    EXPECT_EQ(tables.angles.sun_start, ours.sun_start);
    EXPECT_EQ(tables.angles.count.cells(), ours.count.cells());
    for (int view = 0; view < 20; ++view)
        for (int sun = 0; sun < kSuns; ++sun)
            EXPECT_NEAR(tables.angles.ts_min_deg(view, sun), ours.ts_min_deg(view, sun), 1e-4f);
}

TEST_F(Official, WrittenAndReadBack) {
    const Tables tables = made_up(Sensor::oli, 20);
    write_official_tables(tables, folder_);
    const Tables back = read_official_tables(folder_, Sensor::oli);
    EXPECT_EQ(back.angles.view_zenith_deg, tables.angles.view_zenith_deg);
    EXPECT_EQ(back.angles.sun_start, tables.angles.sun_start);
    EXPECT_EQ(back.angles.cumulative.cells(), tables.angles.cumulative.cells());
    EXPECT_EQ(back.angles.ts_max_deg.cells(), tables.angles.ts_max_deg.cells());
    ASSERT_EQ(back.bands.size(), tables.bands.size());
    for (std::size_t b = 0; b < back.bands.size(); ++b) {
        EXPECT_EQ(back.bands[b].name, tables.bands[b].name);
        EXPECT_EQ(back.bands[b].spherical_albedo, tables.bands[b].spherical_albedo);
        EXPECT_EQ(back.bands[b].extinction, tables.bands[b].extinction);
        for (std::size_t column = 0; column < std::size_t{kPressures} * kAots; ++column) {
            for (std::size_t i = 0; i < 5900; ++i)
                ASSERT_EQ(back.bands[b].path_reflectance[column * 8000 + i],
                          tables.bands[b].path_reflectance[column * 5900 + i]);
            for (std::size_t sun = 0; sun < kSuns - 1; ++sun)
                ASSERT_EQ(back.bands[b].transmittance[column * kSuns + sun],
                          tables.bands[b].transmittance[column * kSuns + sun]);
        }
    }
}

// What NASA's reader asks for (lasrc.md 1.1, 1.2), and zeros above the views of small tables.
TEST_F(Official, SmallTablesAreExpandedToTheOfficialShape) {
    const Tables tables = made_up(Sensor::msi, 6);
    write_official_tables(tables, folder_);
    const io::Hdf4Reader cube(folder_ / "RES_LUT_V3.0-URBANCLEAN-V3.0.hdf");
    EXPECT_EQ(cube.shape("NRLUT_BAND_8a"), (std::vector<int>{8000, 22, 7}));
    const io::Hdf4Reader angles(folder_ / "ANGLE_NEW.hdf");
    EXPECT_EQ(angles.shape("NBFIC"), (std::vector<int>{20, 22}));
    EXPECT_EQ(angles.shape("INDTS"), (std::vector<int>{22}));
    const Tables back = read_official_tables(folder_, Sensor::msi);
    const std::size_t aot = 3, pressure = 1;
    const std::size_t column = pressure * kAots + aot;
    const auto value = [&](const Tables& t, int view, int sun) {
        return t.band("8a").path_reflectance[column * static_cast<std::size_t>(t.angles.entries) +
                                             static_cast<std::size_t>(t.angles.first(view, sun))];
    };
    EXPECT_EQ(value(back, 5, 9), value(tables, 5, 9));
    EXPECT_EQ(value(back, 0, 21), value(tables, 0, 21));
    EXPECT_EQ(value(back, 6, 9), 0.f);
}

TEST_F(Official, AbsentAndDamagedFiles) {
    std::string message;
    EXPECT_EQ(code_of([&] { read_official_tables(folder_, Sensor::oli); }, &message),
              Exit::missing_input);
    EXPECT_NE(message.find("ANGLE_NEW*, RES_LUT*, TRANS_LUT*, AERO_LUT*"), std::string::npos);
    write_official_tables(made_up(Sensor::oli, 1), folder_);
    EXPECT_EQ(code_of([&] { read_official_tables(folder_, Sensor::msi); }, &message),
              Exit::bad_input);
    EXPECT_NE(message.find("NRLUT_BAND_8a"), std::string::npos) << message;

    const stdfs::path aerosol = folder_ / "AERO_LUT_V3.0-URBANCLEAN-V2.0.ASCII";
    std::ifstream in(aerosol);
    const std::string whole(std::istreambuf_iterator<char>(in), {});
    std::string changed = whole;
    changed.replace(changed.find(" 0.0500"), 7, " 0.0600");
    std::ofstream(aerosol) << changed;
    EXPECT_EQ(code_of([&] { read_official_tables(folder_, Sensor::oli); }, &message),
              Exit::bad_input);
    EXPECT_NE(message.find("line 4: AOT is 0.06 instead of 0.05"), std::string::npos) << message;
    std::ofstream(aerosol) << whole.substr(0, whole.size() / 2);
    EXPECT_EQ(code_of([&] { read_official_tables(folder_, Sensor::oli); }), Exit::bad_input);
    std::ofstream(aerosol) << "";
    EXPECT_EQ(code_of([&] { read_official_tables(folder_, Sensor::oli); }), Exit::bad_input);
}

}  // namespace
}  // namespace hls::atmosphere
