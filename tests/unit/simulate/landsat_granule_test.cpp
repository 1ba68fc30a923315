// SPDX-License-Identifier: Apache-2.0
#include "simulate/landsat_granule.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <numbers>

#include "ancillary/ancillary.hpp"
#include "core/error.hpp"
#include "io/raster.hpp"
#include "scene/landsat_l1.hpp"
#include "simulate/scene_renderer.hpp"
#include "simulate/truth_report.hpp"

namespace hls::simulate {
namespace {

namespace stdfs = std::filesystem;

// Air that adds nothing and takes nothing: what is left are the gases.
std::vector<Transfer> empty_air(std::span<const TransferQuery> queries) {
    return std::vector<Transfer>(queries.size(), Transfer{0, 1, 1, 0});
}

SceneRequest small_scene() {
    SceneRequest request;
    request.rows = 300;  // two strips
    request.cols = 210;
    request.cloud_fraction = 0.1;
    request.water_fraction = 0.1;
    request.swath_edge = true;
    request.air.elevation_m = 500;
    return request;
}

std::map<std::string, std::string> contents(const stdfs::path& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : stdfs::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file(entry.path(), std::ios::binary);
        files[stdfs::relative(entry.path(), folder).string()] =
            std::string(std::istreambuf_iterator<char>(file), {});
    }
    return files;
}

class LandsatGranule : public testing::Test {
 protected:
    void SetUp() override {
        folder_ = stdfs::temp_directory_path() /
                  ("hls_simulate_" + std::to_string(::getpid()) + "_" +
                   testing::UnitTest::GetInstance()->current_test_info()->name());
        stdfs::remove_all(folder_);
    }
    void TearDown() override { stdfs::remove_all(folder_); }

    SimulationOptions options(int threads = 2) const {
        SimulationOptions how;
        how.folder = folder_;
        how.threads = threads;
        how.ancillary = std::nullopt;
        return how;
    }

    stdfs::path folder_;
};

TEST_F(LandsatGranule, IsALegalLevelOneProduct) {
    const SceneRequest request = small_scene();
    const auto made = simulate_landsat(request, empty_air, options());
    const auto l1 = scene::open_landsat_l1(made.granule.string(),
                                           {{1, 2, 3, 4, 5, 6, 7, 9, 10, 11}, true, true, {}});
    const granule::LandsatMetadata& metadata = l1.metadata;
    EXPECT_EQ(metadata.product_id, "LC08_L1TP_028033_20210715_20210722_02_T1");
    EXPECT_EQ(l1.grid, request.grid());
    EXPECT_EQ(metadata.sensing_time_text, "2021-07-15T17:05:21.4567890Z");
    ASSERT_TRUE(metadata.cloud_cover_percent);
    EXPECT_NEAR(*metadata.cloud_cover_percent, made.cloud_cover_percent, 0.006);
    EXPECT_NEAR(metadata.sun_zenith_deg(), SceneGeometry(request).center_sun_zenith_deg(), 1e-7);
    ASSERT_TRUE(metadata.pan);
    EXPECT_EQ(metadata.pan->lines, 2 * request.rows - 1);
}

TEST_F(LandsatGranule, XmlAndTextMetadataAgree) {
    const auto made = simulate_landsat(small_scene(), empty_air, options());
    const std::string id = made.granule.filename().string();
    const auto files = contents(made.granule);
    const auto text = granule::parse_landsat_mtl(files.at(id + "_MTL.txt"), "txt");
    const auto xml = granule::parse_landsat_mtl(files.at(id + "_MTL.xml"), "xml");
    EXPECT_EQ(text.keys, xml.keys);
}

// Through a digital number back to the surface, with the product's own calibration and angles.
TEST_F(LandsatGranule, DigitalNumbersHoldTheTruth) {
    const auto made = simulate_landsat(small_scene(), empty_air, options());
    const auto l1 = scene::open_landsat_l1(made.granule.string(), {{4}, true, true, {}});
    const auto dn = io::RasterReader(l1.band_path(4)).read<std::uint16_t>();
    const auto sza = io::RasterReader(l1.angle_path(scene::LandsatAngle::sza)).read<std::int16_t>();
    const auto qa = io::RasterReader(l1.qa_pixel_path()).read<std::uint16_t>();
    const auto truth_of = [&](const char* layer) {
        return (made.truth / truth_file_name(l1.metadata.product_id, layer)).string();
    };
    const auto truth = io::RasterReader(truth_of("B4")).read<std::uint16_t>();
    const auto mask = io::RasterReader(truth_of("FMASK")).read<std::uint8_t>();
    const auto rescaling = l1.metadata.reflectance(4);
    int land = 0, fill = 0;
    for (std::size_t i = 0; i < dn.size(); ++i) {
        ASSERT_EQ(dn.cells()[i] == 0, mask.cells()[i] == kTruthFill);
        ASSERT_EQ(dn.cells()[i] == 0, qa.cells()[i] == 1);
        fill += dn.cells()[i] == 0 ? 1 : 0;
        if (mask.cells()[i] != kTruthLand) continue;
        ++land;
        const double mu = std::cos(sza.cells()[i] * std::numbers::pi / 18000);
        const double toa = (dn.cells()[i] * rescaling.mult + rescaling.add) / mu;
        // Band 4 by lasrc.md 4.6 for the column of the request.
        const double mass = 1 / mu + 1;
        const double p = std::exp(-500 / 8500.0);
        const double gas =
            std::exp(-0.0611428 * mass * 0.3) *
            std::exp(-1.04801e-5 * p * std::pow(mass, std::exp(-(0.640215 - 0.348785 * p)))) *
            std::exp(-0.00404159 * std::pow(mass * 1.5, 0.774482));
        ASSERT_NEAR(toa, gas * (truth.cells()[i] * 2.75e-5 - 0.2), 6e-5);
    }
    EXPECT_GT(land, 10000);
    EXPECT_GT(fill, 5000);
}

TEST_F(LandsatGranule, SameBytesForAnyNumberOfThreads) {
    SceneRequest request = small_scene();
    request.sensor_noise = true;
    auto one = options(1);
    auto three = options(3);
    one.folder = folder_ / "1";
    three.folder = folder_ / "3";
    simulate_landsat(request, empty_air, one);
    simulate_landsat(request, empty_air, three);
    EXPECT_EQ(contents(one.folder), contents(three.folder));
    EXPECT_GE(contents(one.folder).size(), 29u);
}

TEST_F(LandsatGranule, AncillaryFilesTellTheAirAndTheLaw) {
    const SceneRequest request = small_scene();
    write_scene_ancillary(request, folder_, DayFile::modis);
    const SceneGeometry geometry(request);
    const ancillary::GeoPoint center{geometry.center().lat_deg, geometry.center().lon_deg};

    const auto read = ancillary::read_ancillary(
        folder_, {std::chrono::year{2021} / 7 / 15, ancillary::cmg_rectangle(std::span(&center, 1)),
                  ancillary::WaterVapour::physical});
    EXPECT_NEAR(double(read.at(center).ozone_cm_atm), 0.3, 1e-6);
    EXPECT_NEAR(double(read.at(center).water_vapour_g_cm2), 1.5, 1e-6);
    EXPECT_NEAR(double(read.at(center).pressure_hpa), 1013 * std::exp(-500 / 8500.0), 0.01);
    const auto cell = ancillary::nearest_cell(center);
    const auto law = ratio_law_at({-179.975 + 0.05 * cell.col, 89.975 - 0.05 * cell.row});
    EXPECT_NEAR(double(read.ratio(cell.row, cell.col).slope2), law.blue.slope, 6e-4);
    EXPECT_NEAR(double(read.ratio(cell.row, cell.col).intercept7), law.swir2.intercept, 6e-4);
}

TEST_F(LandsatGranule, RefusesToReplaceUnlessAsked) {
    SceneRequest request = small_scene();
    request.rows = request.cols = 32;
    simulate_landsat(request, empty_air, options());
    try {
        simulate_landsat(request, empty_air, options());
        FAIL() << "must refuse";
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::cannot_create);
    }
    auto replace = options();
    replace.if_exists = fs::IfExists::replace;
    EXPECT_NO_THROW(simulate_landsat(request, empty_air, replace));
}

TEST_F(LandsatGranule, RefusesWhatCannotBe) {
    SceneRequest request = small_scene();
    request.utm_zone = 61;
    try {
        simulate_landsat(request, empty_air, options());
        FAIL() << "must refuse";
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::usage);
    }
    EXPECT_FALSE(stdfs::exists(folder_));
}

// Where the truth shows a shadow, the cloud that casts it stands towards the sun, as high as the
// truth says.
TEST_F(LandsatGranule, ShadowsLieBehindTheirClouds) {
    SceneRequest request = small_scene();
    request.rows = request.cols = 400;
    request.swath_edge = false;
    request.water_fraction = 0;
    request.cloud_fraction = 0.15;
    request.cloud_kind = CloudKind::thick;
    request.sun_zenith_deg = 40;
    const auto made = simulate_landsat(request, empty_air, options());
    const std::string id = made.granule.filename().string();
    const auto read = [&](const char* layer) {
        return io::RasterReader((made.truth / truth_file_name(id, layer)).string())
            .read<std::int16_t>();
    };
    const auto classes = read("CLASS");
    const auto tops = read("CLOUDTOP");
    const double azimuth = SceneGeometry(request).center_sun_azimuth_deg() * std::numbers::pi / 180;
    const double reach = std::tan(40 * std::numbers::pi / 180) / kPixelM;
    int cast = 0, found = 0, mirrored = 0;
    for (int row = 0; row < 400; ++row)
        for (int col = 0; col < 400; ++col) {
            if (classes(row, col) != kTruthCloud) continue;
            const double up = (tops(row, col) - 500) * reach;
            const auto class_at = [&](double sign) {
                const long r = std::lround(row + sign * up * std::cos(azimuth));
                const long c = std::lround(col - sign * up * std::sin(azimuth));
                const bool inside = r >= 0 && r < 400 && c >= 0 && c < 400;
                return inside ? classes(static_cast<int>(r), static_cast<int>(c)) : -1;
            };
            const int shaded = class_at(1);
            if (shaded < 0 || class_at(-1) < 0 || shaded == kTruthUndecided) continue;
            ++cast;
            found += shaded == kTruthShadow || shaded == kTruthCloud ? 1 : 0;
            mirrored += class_at(-1) == kTruthShadow || class_at(-1) == kTruthCloud ? 1 : 0;
        }
    EXPECT_GT(cast, 5000);
    EXPECT_GT(found, 0.97 * cast);
    EXPECT_LT(mirrored, 0.8 * found);
}

TEST(QaPixel, HasTheValuesUsgsDelivers) {
    PixelSky clear, cloud, dilated, shadow, cirrus;
    cloud.light.tau = 10;
    dilated.light.tau = kHaloTau / 2;
    shadow.shadow = 0.7f;
    cirrus.light.tau = cirrus.light.ice_tau = 2;
    GroundPixel land{}, water{}, snow{};
    water.cover = Cover::water;
    snow.cover = Cover::snow;
    EXPECT_EQ(qa_pixel(clear, land), 21824);
    EXPECT_EQ(qa_pixel(clear, water), 21952);
    EXPECT_EQ(qa_pixel(clear, snow), 30048);
    EXPECT_EQ(qa_pixel(cloud, land), 22280);
    EXPECT_EQ(qa_pixel(dilated, land), 21762);
    EXPECT_EQ(qa_pixel(shadow, land), 23888);
    EXPECT_EQ(qa_pixel(cirrus, land), 54534);
}

TEST(TruthClass, IsWhatAPersonWouldDraw) {
    PixelSky clear, faint, veil, cloud, rim, shadow, foreign;
    const auto set_tau = [](PixelSky& sky, float least, float most) {
        sky.light.tau = sky.most_tau = most;
        sky.least_tau = least;
    };
    set_tau(faint, 0.2f, 0.2f);
    set_tau(veil, 1, 1);
    set_tau(cloud, 3, 5);
    set_tau(rim, 0, 5);
    shadow.shadow = foreign.shadow = 0.6f;
    foreign.shadow_from_outside = true;
    GroundPixel land{}, water{}, snow{}, patches{};
    water.cover = Cover::water;
    snow.cover = Cover::snow;
    snow.snow = 0.9f;
    patches.snow = 0.3f;
    EXPECT_EQ(truth_class(clear, land), kTruthLand);
    EXPECT_EQ(truth_class(faint, land), kTruthLand);
    EXPECT_EQ(truth_code(faint, land), kTruthCloud);
    EXPECT_EQ(truth_class(cloud, water), kTruthCloud);
    EXPECT_EQ(truth_class(shadow, land), kTruthShadow);
    EXPECT_EQ(truth_class(clear, water), kTruthWater);
    EXPECT_EQ(truth_class(clear, snow), kTruthSnow);
    for (const PixelSky& sky : {veil, rim, foreign})
        EXPECT_EQ(truth_class(sky, land), kTruthUndecided);
    for (const GroundPixel& ground : {water, snow, patches})
        EXPECT_EQ(truth_class(shadow, ground), kTruthUndecided);
    EXPECT_EQ(truth_class(clear, patches), kTruthUndecided);
}

// The truth, renamed to an AC scene and shifted by a known amount.
TEST_F(LandsatGranule, ReportFindsAKnownError) {
    const auto made = simulate_landsat(small_scene(), empty_air, options());
    const std::string id = made.granule.filename().string();
    const stdfs::path scene = folder_ / "scene";
    stdfs::create_directories(scene);
    for (int band = 1; band <= 7; ++band) {
        const io::RasterReader reader(
            (made.truth / truth_file_name(id, "B" + std::to_string(band))).string());
        auto values = reader.read<std::uint16_t>();
        for (auto& value : values.cells())
            if (value != 0) value = static_cast<std::uint16_t>(value + 100 * band);
        io::RasterWriter writer((scene / (id + "_SR_B" + std::to_string(band) + ".tif")).string(),
                                *reader.grid(), reader.layer());
        writer.write_rows<std::uint16_t>(0, std::as_const(values).view());
        writer.close();
    }
    stdfs::copy(made.truth / truth_file_name(id, "AOT"), scene / (id + "_AOT.tif"));
    const TruthReport report = compare_with_truth(scene, made.truth);
    EXPECT_NEAR(report.bands[0].bias, 100 * 2.75e-5, 1e-9);
    EXPECT_NEAR(report.worst_bias(), 700 * 2.75e-5, 1e-9);
    EXPECT_NEAR(report.worst_rmse(), 700 * 2.75e-5, 1e-9);
    EXPECT_EQ(report.aot.rmse, 0);
    EXPECT_NEAR(report.mean_true_aot, 0.2, 0.1);
    EXPECT_EQ(report.lost, 0);
    EXPECT_EQ(report_json(report).find('\n'), std::string::npos);
}

}  // namespace
}  // namespace hls::simulate
