// SPDX-License-Identifier: Apache-2.0
// Ancillary values from files (golden and made up), from the climatology and from the command line.
#include "ancillary/ancillary.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>

#include "ancillary/ancillary_files.hpp"
#include "ancillary/climatology.hpp"
#include "core/error.hpp"
#include "simulate/ancillary_writer.hpp"

namespace hls::ancillary {
namespace {

namespace stdfs = std::filesystem;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr year_month_day kGoldenDay{year{2020}, std::chrono::June, std::chrono::day{29}};
constexpr year_month_day kDay{year{2021}, std::chrono::March, std::chrono::day{1}};  // 2021060

stdfs::path golden_folder() {
    const char* data = std::getenv("HLS_TEST_DATA");
    return stdfs::path(data ? data : "../shared/data") / "golden/lasrc_landsat/ancillary";
}

Exit code_of(const std::function<void()>& action, std::string* message = nullptr,
             std::string* hint = nullptr) {
    try {
        action();
    } catch (const Error& error) {
        if (message) *message = error.message;
        if (hint) *hint = error.hint;
        return error.code;
    }
    return Exit::ok;
}

// The centre of the golden scene and its outline, 18 km square.
constexpr GeoPoint kCentre{45.0722, -118.1571};
AncillaryRequest golden_request() {
    return {
        kGoldenDay, cmg_rectangle(std::vector<GeoPoint>{{45.15, -118.28}, {44.99, -118.04}}), {}};
}

TEST(Ancillary, GoldenSceneConstants) {
    if (!stdfs::exists(golden_folder())) GTEST_SKIP() << "no golden data at " << golden_folder();
    const Ancillary ancillary = read_ancillary(golden_folder(), golden_request());
    const AtmosphereCell& cell = ancillary.at(kCentre);
    EXPECT_FLOAT_EQ(cell.water_vapour_g_cm2, 1.235f);
    EXPECT_FLOAT_EQ(cell.ozone_cm_atm, 0.3025f);
    EXPECT_NEAR(cell.pressure_hpa, 981.097f, 5e-4f);
    ASSERT_EQ(ancillary.sources.size(), 3u);
    EXPECT_NE(ancillary.sources[2].path.find("L8ANC2020181.hdf_fused"), std::string::npos);

    AncillaryRequest physical = golden_request();
    physical.water = WaterVapour::physical;
    EXPECT_FLOAT_EQ(read_ancillary(golden_folder(), physical).at(kCentre).water_vapour_g_cm2,
                    2.47f);
}

// Values of cell (row 800, column 1000) read with GDAL.
TEST(Ancillary, GoldenRatioCell) {
    if (!stdfs::exists(golden_folder())) GTEST_SKIP() << "no golden data at " << golden_folder();
    AncillaryRequest request = golden_request();
    request.area = {799, 998, 4, 5};
    const RatioCell cell = read_ancillary(golden_folder(), request).ratio(800, 1000);
    EXPECT_EQ(cell.mean_ndwi, 355);
    EXPECT_EQ(cell.std_ndwi, 254);
    EXPECT_FLOAT_EQ(cell.slope1, .069f);
    EXPECT_FLOAT_EQ(cell.intercept1, .493f);
    EXPECT_FLOAT_EQ(cell.slope2, .048f);
    EXPECT_FLOAT_EQ(cell.intercept2, .563f);
    EXPECT_FLOAT_EQ(cell.slope7, -.292f);
    EXPECT_FLOAT_EQ(cell.intercept7, 1.492f);
}

// One set of full-size files for all tests below: they take two seconds to write.
class AncillaryFolder : public ::testing::Test {
 protected:
    static void SetUpTestSuite() {
        folder_ = new stdfs::path(stdfs::path(testing::TempDir()) / "hls_ancillary_folder");
        stdfs::remove_all(*folder_);
        simulate::AncillaryFields fields;
        // Around the antimeridian every value tells its column.
        const CmgRectangle area{2100, 7190, 20, 20};
        fields.elevation_m = {-9999, [](int row, int) { return row; }, area};
        fields.ozone = {0, [](int, int col) { return col < 100 ? col + 1 : col - 7000; }, area};
        fields.water = {0, [](int, int col) { return col; }, area};
        fields.ratios.std_ndwi = {300, [](int row, int) { return row == 2100 ? 199 : 200; }, area};
        fields.ratios.ratio1 = {551, [](int row, int) { return row == 2101 ? 1001 : 1000; }, area};
        fields.ratios.ratio2 = {601, [](int row, int) { return row == 2102 ? 99 : 100; }, area};
        fields.ratios.slope1 = {70};
        fields.ratios.intercept1 = {480};
        fields.ratios.slope7 = {-290};
        simulate::write_ancillary(*folder_, kDay, fields);
        viirs_ = *folder_ / "VJ104ANC.A2021060.002.h5";
        simulate::write_viirs_day(viirs_, fields.ozone, fields.water);
    }
    static void TearDownTestSuite() {
        stdfs::remove_all(*folder_);
        delete folder_;
    }
    static stdfs::path year_folder() { return *folder_ / "LADS" / "2021"; }

    static stdfs::path* folder_;
    static inline stdfs::path viirs_;
    const AncillaryRequest request_{kDay, {2095, 7185, 30, 30}, {}};
};
stdfs::path* AncillaryFolder::folder_ = nullptr;

TEST_F(AncillaryFolder, ReadsAcrossTheAntimeridian) {
    const Ancillary ancillary = read_ancillary(*folder_, request_);
    const auto cell = [&](int row, int col) {
        return ancillary.at({89.975 - 0.05 * row, -179.975 + 0.05 * col});
    };
    EXPECT_FLOAT_EQ(cell(2110, 7195).ozone_cm_atm, 195 / 400.f);
    EXPECT_FLOAT_EQ(cell(2110, 7199).water_vapour_g_cm2, 7199 / 200.f);
    EXPECT_FLOAT_EQ(cell(2110, 0).ozone_cm_atm, 1 / 400.f);
    EXPECT_FLOAT_EQ(cell(2110, 9).water_vapour_g_cm2, 9 / 200.f);
    EXPECT_NEAR(cell(2110, 3).pressure_hpa, 1013.0 * std::exp(-2110 / 8500.0), 2e-3);
    // Fills: .3, .5 (MODIS), 1013.
    EXPECT_FLOAT_EQ(cell(2096, 3).ozone_cm_atm, .3f);
    EXPECT_FLOAT_EQ(cell(2096, 3).water_vapour_g_cm2, .5f);
    EXPECT_FLOAT_EQ(cell(2096, 3).pressure_hpa, 1013.f);
}

TEST_F(AncillaryFolder, RatioCellsThatCannotBeTrusted) {
    const Ancillary ancillary = read_ancillary(*folder_, request_);
    const RatioCell& flat = ancillary.ratio(2100, 2);  // the mean ratios stand
    EXPECT_EQ(flat.slope7, 0.f);
    EXPECT_FLOAT_EQ(flat.intercept1, 1.f);
    EXPECT_FLOAT_EQ(flat.intercept2, .1f);
    for (const int row : {2101, 2102}) {  // implausible: the defaults
        const RatioCell& cell = ancillary.ratio(row, 7195);
        EXPECT_EQ(cell.slope1, 0.f);
        EXPECT_FLOAT_EQ(cell.intercept1, .55f);
        EXPECT_FLOAT_EQ(cell.intercept2, .6f);
        EXPECT_FLOAT_EQ(cell.intercept7, 2.f);
        EXPECT_EQ(cell.std_ndwi, 200);
    }
    const RatioCell& good = ancillary.ratio(2103, 7195);
    EXPECT_FLOAT_EQ(good.slope1, .07f);
    EXPECT_FLOAT_EQ(good.intercept1, .48f);
    EXPECT_FLOAT_EQ(good.slope7, -.29f);
}

TEST_F(AncillaryFolder, ViirsIsReadLikeModisAndPreferred) {
    const stdfs::path viirs = year_folder() / viirs_.filename();
    stdfs::rename(viirs_, viirs);
    const Ancillary ancillary = read_ancillary(*folder_, request_);
    const AncillaryFiles files = find_ancillary(*folder_, kDay);
    stdfs::rename(viirs, viirs_);
    EXPECT_EQ(files.day, viirs);
    const AtmosphereCell cell = ancillary.at({89.975 - 0.05 * 2110, -179.975 + 0.05 * 7199});
    EXPECT_FLOAT_EQ(cell.ozone_cm_atm, 199 / 400.f);
    EXPECT_FLOAT_EQ(cell.water_vapour_g_cm2, 7199 / 200.f);
    const AtmosphereCell fill = ancillary.at({89.975 - 0.05 * 2096, -179.975});
    EXPECT_FLOAT_EQ(fill.water_vapour_g_cm2, 2.5f);
}

// Each case in a folder of its own: within one process the HDF4 library does not open a path again
// that it once failed on.
TEST_F(AncillaryFolder, DamagedFilesAreNamed) {
    const auto message_with = [&](const char* replaced, const stdfs::path& by, double keep) {
        const stdfs::path folder = *folder_ / stdfs::path(replaced).filename().replace_extension();
        stdfs::create_directories(folder);
        stdfs::copy(*folder_ / "LADS", folder / "LADS", stdfs::copy_options::recursive);
        stdfs::copy_file(*folder_ / "CMGDEM.hdf", folder / "CMGDEM.hdf");
        stdfs::copy_file(*folder_ / "ratiomapndwiexp.hdf", folder / "ratiomapndwiexp.hdf");
        stdfs::copy_file(by, folder / replaced, stdfs::copy_options::overwrite_existing);
        const auto size = static_cast<double>(stdfs::file_size(by));
        stdfs::resize_file(folder / replaced, static_cast<std::uintmax_t>(size * keep));
        std::string message;
        EXPECT_EQ(code_of([&] { read_ancillary(folder, request_); }, &message), Exit::bad_input);
        return message;
    };
    const auto has = [](const std::string& message, const char* part) {
        return message.find(part) != std::string::npos ? std::string() : message;
    };
    const stdfs::path elevation = *folder_ / "CMGDEM.hdf";
    EXPECT_EQ("", has(message_with("CMGDEM.hdf", elevation, .5), "CMGDEM.hdf: not an HDF4"));
    EXPECT_EQ("", has(message_with("ratiomapndwiexp.hdf", elevation, 1.),
                      "ratiomapndwiexp.hdf: data set \"average ndvi\" is missing"));
    EXPECT_EQ("", has(message_with("LADS/2021/L8ANC2021060.hdf_fused", elevation, 1.),
                      "L8ANC2021060.hdf_fused: data set \"Coarse Resolution Ozone\" is missing"));
    EXPECT_EQ("", has(message_with("LADS/2021/VNP04ANC.A2021060.001.h5", viirs_, .5),
                      "VNP04ANC.A2021060.001.h5"));
}

TEST(AncillaryFiles, EveryAbsentFileIsNamedAtOnce) {
    std::string message, hint;
    EXPECT_EQ(code_of([] { find_ancillary("/nowhere", kDay); }, &message, &hint),
              Exit::missing_input);
    EXPECT_NE(message.find("/nowhere/CMGDEM.hdf, /nowhere/ratiomapndwiexp.hdf, "
                           "/nowhere/LADS/2021/L8ANC2021060.hdf_fused"),
              std::string::npos)
        << message;
    EXPECT_NE(hint.find("--ancillary climatology"), std::string::npos);
}

TEST(AncillaryFiles, BestProductAndLatestVersion) {
    const stdfs::path folder = stdfs::path(testing::TempDir()) / "hls_ancillary_names";
    stdfs::remove_all(folder);
    stdfs::create_directories(folder / "LADS/2021");
    const auto touch = [&](const stdfs::path& name) { std::ofstream(folder / name) << ""; };
    touch("CMGDEM.hdf");
    touch("ratiomapndwiexp.hdf");
    touch("LADS/2021/VJ104ANC.A2021061.002.2021063000000.h5");  // another day
    touch("LADS/2021/L8ANC2021060.hdf_fused");
    EXPECT_EQ(find_ancillary(folder, kDay).kind, DayKind::modis);
    touch("LADS/2021/VNP04ANC.A2021060.001.2021061000000.h5");
    touch("LADS/2021/VNP04ANC.A2021060.001.2021062000000.h5");
    EXPECT_EQ(find_ancillary(folder, kDay).day.filename(),
              "VNP04ANC.A2021060.001.2021062000000.h5");
    touch("LADS/2021/VJ104ANC.A2021060.002.2021061000000.h5");
    EXPECT_EQ(find_ancillary(folder, kDay).day.filename(),
              "VJ104ANC.A2021060.002.2021061000000.h5");
    EXPECT_EQ(find_ancillary(folder, kDay).kind, DayKind::viirs);
    stdfs::remove_all(folder);
}

TEST(Climatology, OzoneOfThePublishedFormula) {
    // The equator has 235 whatever the day; 45 N on 1 April (day 91) west of Greenwich by hand.
    EXPECT_NEAR(ozone_climatology({0, 30}, 200), .235, 1e-12);
    const double season = 40 * std::sin(.9865 * 61 * M_PI / 180);
    const double wave = 20 * std::sin(3 * -90 * M_PI / 180);
    const double latitude = std::pow(std::sin(57.6 * M_PI / 180), 2);
    EXPECT_NEAR(ozone_climatology({45, -90}, 91), (235 + (150 + season + wave) * latitude) / 1000,
                1e-12);
    for (int day = 1; day <= 366; day += 5)
        for (double lat = -80; lat <= 80; lat += 5) {
            EXPECT_GT(ozone_climatology({lat, 100}, day), .22);
            EXPECT_LT(ozone_climatology({lat, 100}, day), .47);
        }
}

TEST(Climatology, WaterVapourOfTheStandardAtmospheres) {
    EXPECT_NEAR(water_vapour_climatology({45, -80}, 197), 2.93, 1e-6);
    EXPECT_NEAR(water_vapour_climatology({45, -80}, 15), .853, .01);
    EXPECT_NEAR(water_vapour_climatology({-45, 170}, 197), .853, 1e-6);
    EXPECT_NEAR(water_vapour_climatology({5, 0}, 50), 4.12, 1e-6);
    EXPECT_NEAR(water_vapour_climatology({80, 60}, 197), 2.10, 1e-6);
    EXPECT_LT(water_vapour_climatology({32, 90}, 197), .4);  // Tibet
}

TEST(Climatology, FillsTheRectangle) {
    AncillaryRequest request{kDay, {1100, 7198, 3, 4}, WaterVapour::physical};
    const Ancillary full = load_ancillary("climatology", request);
    request.water = WaterVapour::as_lasrc;
    const Ancillary half = load_ancillary("climatology", request);
    const GeoPoint point{89.975 - 0.05 * 1101, -179.975};
    EXPECT_FLOAT_EQ(half.at(point).water_vapour_g_cm2, full.at(point).water_vapour_g_cm2 / 2);
    EXPECT_FLOAT_EQ(full.at(point).pressure_hpa, 1013.f);
    EXPECT_FLOAT_EQ(full.ratio(1101, 0).intercept2, .6f);
    EXPECT_EQ(full.sources.at(0).what, "embedded climatology");
    EXPECT_NEAR(pressure_at(1000), 1013 * std::exp(-.117647), 1e-3);
}

TEST(FixedAtmosphere, ParsedStrictly) {
    const FixedAtmosphere fixed = parse_fixed_atmosphere("fixed:ozone=0.3,water=1.5,pressure=1000");
    EXPECT_FLOAT_EQ(fixed.ozone_cm_atm, .3f);
    EXPECT_FLOAT_EQ(fixed.water_vapour_g_cm2, 1.5f);
    EXPECT_FLOAT_EQ(fixed.pressure_hpa, 1000.f);
    EXPECT_FLOAT_EQ(parse_fixed_atmosphere("pressure=900, water=0, ozone=.2").pressure_hpa, 900.f);
    for (const char* text :
         {"fixed:", "fixed:ozone=0.3,water=1.5", "fixed:ozone=0.3,water=1.5,pressure=1000,o3=1",
          "fixed:ozone=0.3,water=1.5,pressure=", "fixed:ozone=0.3,water=1.5,pressure=10130",
          "fixed:ozone=300,water=1.5,pressure=1013",
          "fixed:ozone=.3,ozone=.3,water=1,pressure=1013", "fixed:ozone,water=1,pressure=1013",
          "fixed:ozone=nan,water=1,pressure=1013"})
        EXPECT_EQ(code_of([&] { parse_fixed_atmosphere(text); }), Exit::usage) << text;
}

TEST(FixedAtmosphere, IsUsedAsItIs) {
    const Ancillary fixed = load_ancillary("fixed:ozone=0.3,water=1.5,pressure=1000",
                                           {kDay, {10, 20, 2, 2}, WaterVapour::as_lasrc});
    EXPECT_FLOAT_EQ(fixed.at({89, -178}).water_vapour_g_cm2, 1.5f);
    EXPECT_FLOAT_EQ(fixed.ratio(10, 20).intercept7, 2.f);
    EXPECT_EQ(fixed.sources.at(0).what, "fixed:ozone=0.3,water=1.5,pressure=1000");
}

}  // namespace
}  // namespace hls::ancillary
