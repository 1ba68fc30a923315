// SPDX-License-Identifier: Apache-2.0
#include "simulate/sentinel_granule.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <numbers>

#include "core/error.hpp"
#include "io/raster.hpp"
#include "scene/sentinel2_l1.hpp"
#include "simulate/brdf.hpp"
#include "simulate/scene_renderer.hpp"
#include "simulate/sentinel_geometry.hpp"

namespace hls::simulate {
namespace {

namespace stdfs = std::filesystem;

// Air that adds nothing and takes nothing: what is left are the gases.
std::vector<Transfer> empty_air(std::span<const TransferQuery> queries) {
    return std::vector<Transfer>(queries.size(), Transfer{0, 1, 1, 0});
}

SentinelRequest small_granule() {
    SentinelRequest request;
    request.rows = 300;
    request.cols = 360;
    request.cloud_fraction = 0.15;
    request.water_fraction = 0.1;
    request.true_colour = false;
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

class SentinelGranule : public testing::Test {
 protected:
    void SetUp() override {
        folder_ = stdfs::temp_directory_path() /
                  ("hls_simulate_s2_" + std::to_string(::getpid()) + "_" +
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
    SimulatedGranules make(const SentinelRequest& request,
                           SentinelPackage package = SentinelPackage::safe) const {
        return simulate_sentinel({request}, package, empty_air, options());
    }
    template <typename T>
    Plane<T> truth(const SimulatedGranules& made, const std::string& layer) const {
        const auto name = truth_file_name(made.granules.front().product_id, layer);
        return io::RasterReader((made.truth / name).string()).read<T>();
    }

    stdfs::path folder_;
};

TEST_F(SentinelGranule, EveryPackageIsALegalLevelOneProduct) {
    SentinelRequest request = small_granule();
    request.truth = false;
    for (const auto package : {SentinelPackage::safe, SentinelPackage::zip, SentinelPackage::aws}) {
        const auto made = make(request, package);
        const auto l1 = scene::open_sentinel2_l1(made.granules.front().granule.string());
        EXPECT_EQ(l1.product_id, request.product_id());
        EXPECT_EQ(l1.grid(20), request.grid(20));
        EXPECT_EQ(l1.product.offset[3], -1000);
        ASSERT_TRUE(l1.detector_mask_path(5));
        EXPECT_EQ(stdfs::path(*l1.detector_mask_path(5)).extension(), ".jp2");
        if (package == SentinelPackage::aws) continue;  // says less
        ASSERT_TRUE(l1.product.cloud_cover_percent);
        EXPECT_NEAR(*l1.product.cloud_cover_percent, made.granules.front().cloud_percent, 1e-3);
    }
    request.baseline = {2, 6};
    const auto old = make(request);
    const auto l1 = scene::open_sentinel2_l1(old.granules.front().granule.string());
    EXPECT_EQ(l1.product.offset[3], 0);
    EXPECT_EQ(stdfs::path(*l1.detector_mask_path(5)).extension(), ".gml");
}

// Through a digital number back to the surface, with the product's own offset and angles.
TEST_F(SentinelGranule, DigitalNumbersHoldTheTruth) {
    const SentinelRequest request = small_granule();
    const auto made = make(request);
    const auto l1 = scene::open_sentinel2_l1(made.granules.front().granule.string());
    const auto dn = io::RasterReader(l1.band_path(3)).read<std::uint16_t>();
    const auto native = truth<std::int16_t>(made, "NATIVE_B04");
    const auto product = truth<std::int16_t>(made, "B04");
    const auto mask = truth<std::uint8_t>(made, "FMASK");
    ASSERT_EQ(native.size(), dn.size());
    const SentinelGeometry geometry(request);
    const double mu = std::cos(geometry.sun().center_zenith_deg() * std::numbers::pi / 180);
    int land = 0;
    double off = 0;
    for (int row = 0; row < dn.rows(); ++row)
        for (int col = 0; col < dn.cols(); ++col) {
            if (mask(row / 3, col / 3) != kTruthLand) continue;
            ++land;
            const double toa = (double(dn(row, col)) - 1000) / 1e4;
            // Band 4 by lasrc.md 4.6 for the column of the request, seen at two degrees at most.
            const double mass = 1 / mu + 1;
            const double p = request.air.pressure_hpa() / 1013;
            const double gas = std::exp(-0.0500348 * mass * 0.3) *
                               std::exp(-4.91586e-20 * p * std::pow(mass, std::exp(-0.000197019))) *
                               std::exp(-0.00361051 * std::pow(mass * 1.5, 0.754895));
            ASSERT_NEAR(toa, gas * native(row, col) * 1e-4, 2e-4);
            off = std::max(off, std::fabs(native(row, col) * 1e-4));
        }
    EXPECT_GT(land, 10000);
    EXPECT_GT(off, 0.05);
    // The product is what is seen, freed of sun and view, adjusted to OLI, averaged.
    const auto& line = granule::sentinel2_satellite("S2A").bandpass[3];
    const BrdfKernels nadir = brdf_kernels(hls_sun_zenith_deg("14SPJ", request.sensed), 0, 0);
    for (int row = 0; row < product.rows(); row += 3)
        for (int col = 0; col < product.cols(); col += 3) {
            if (mask(row, col) != kTruthLand) continue;
            double sum = 0;
            for (int j = 0; j < 3; ++j)
                for (int i = 0; i < 3; ++i) sum += native(3 * row + j, 3 * col + i) * 1e-4 / 9;
            const MapBox box = request.extent();
            const double x = box.west + 30 * (col + 0.5), y = box.north - 30 * (row + 0.5);
            const double across = geometry.across_m(x, y);
            const int detector = geometry.detector(across, 3);
            const MsiView view = geometry.view(across, 3, detector);
            const SunAngles sun = geometry.sun_at(x, y);
            const double ratio = brdf_ratio(
                msi_shapes()[3],
                brdf_kernels(sun.zenith_deg, view.zenith_deg, sun.azimuth_deg - view.azimuth_deg),
                nadir);
            ASSERT_NEAR(product(row, col) * 1e-4, sum / ratio * line.slope + line.offset, 3e-4);
        }
}

TEST_F(SentinelGranule, SameBytesForAnyNumberOfThreads) {
    SentinelRequest request = small_granule();
    request.sensor_noise = true;
    request.softness_m = 20;
    auto one = options(1), three = options(3);
    one.folder = folder_ / "1";
    three.folder = folder_ / "3";
    simulate_sentinel({request}, SentinelPackage::safe, empty_air, one);
    simulate_sentinel({request}, SentinelPackage::safe, empty_air, three);
    EXPECT_EQ(contents(one.folder), contents(three.folder));
    EXPECT_GE(contents(one.folder).size(), 75u);
}

TEST_F(SentinelGranule, TwinsShareWhatBothSee) {
    SentinelRequest north = small_granule(), south = small_granule();
    north.datastrip = Datastrip::northern;
    south.datastrip = Datastrip::southern;
    north.strip_overlap_m = south.strip_overlap_m = 900;
    const auto made =
        simulate_sentinel({north, south}, SentinelPackage::safe, empty_air, options());
    std::array<Plane<std::uint16_t>, 2> dn;
    std::array<Plane<std::uint8_t>, 2> detectors;
    for (std::size_t i = 0; i < 2; ++i) {
        const auto l1 = scene::open_sentinel2_l1(made.granules[i].granule.string());
        dn[i] = io::RasterReader(l1.band_path(1)).read<std::uint16_t>();
        detectors[i] = io::RasterReader(*l1.detector_mask_path(1)).read<std::uint8_t>();
    }
    int both = 0, first = 0, second = 0;
    for (std::size_t i = 0; i < dn[0].size(); ++i) {
        const int a = dn[0].cells()[i], b = dn[1].cells()[i];
        ASSERT_EQ(a == 0, detectors[0].cells()[i] == 0);
        ASSERT_TRUE(a != 0 || b != 0);
        if (a != 0 && b != 0) {
            ASSERT_EQ(a, b);
            ++both;
        }
        first += a != 0 && b == 0 ? 1 : 0;
        second += a == 0 && b != 0 ? 1 : 0;
    }
    EXPECT_NEAR(both / double(dn[0].size()), 0.3, 0.02);
    EXPECT_GT(first, 0);
    EXPECT_GT(second, 0);
}

// Bands look one after the other: high clouds are at another place in B09 than in B02, the ground
// is not.
TEST_F(SentinelGranule, CloudsAreDisplacedBetweenBands) {
    SentinelRequest request = small_granule();
    request.rows = request.cols = 600;
    request.cloud_kind = CloudKind::broken;
    request.cloud_fraction = 0.25;
    request.track_offset_m = 12000;  // all by detector 7, which looks back
    const auto made = make(request);
    const auto l1 = scene::open_sentinel2_l1(made.granules.front().granule.string());
    const auto b08 = io::RasterReader(l1.band_path(7)).read<std::uint16_t>();
    const auto b8a = io::RasterReader(l1.band_path(8)).read<std::uint16_t>();
    // Shift of B08 against B8A, in pixels of 20 m, that fits best where B8A sees cloud.
    const auto misfit = [&](int down) {
        double sum = 0;
        int count = 0;
        for (int row = 20; row < b8a.rows() - 20; ++row)
            for (int col = 20; col < b8a.cols() - 20; ++col) {
                if (b8a(row, col) < 6500) continue;
                const int r = 2 * (row + down);
                const double mean = (b08(r, 2 * col) + b08(r + 1, 2 * col) + b08(r, 2 * col + 1) +
                                     b08(r + 1, 2 * col + 1)) /
                                    4.0;
                sum += std::fabs(mean - b8a(row, col));
                ++count;
            }
        return count > 0 ? sum / count : 1e9;
    };
    int best = 0;
    for (int down = -8; down <= 8; ++down)
        if (misfit(down) < misfit(best)) best = down;
    // 0.97 degrees between the bands, 3 km up: 50 m, along the track.
    EXPECT_GE(std::abs(best), 2);
    EXPECT_LE(std::abs(best), 4);
}

TEST_F(SentinelGranule, TheSwathEndsWithFill) {
    SentinelRequest request = small_granule();
    request.track_offset_m = 145000;
    const auto made = make(request);
    const auto mask = truth<std::uint8_t>(made, "CLASS");
    int fill = 0;
    for (const auto code : mask.cells()) fill += code == kTruthFill ? 1 : 0;
    EXPECT_GT(fill, 0.1 * double(mask.size()));
    EXPECT_LT(fill, 0.9 * double(mask.size()));
}

TEST_F(SentinelGranule, LostPacketsAreReported) {
    SentinelRequest request = small_granule();
    request.lost_band = 3;
    const auto made = make(request);
    const auto l1 = scene::open_sentinel2_l1(made.granules.front().granule.string());
    ASSERT_TRUE(l1.quality_mask_path(3));
    const auto lost = io::RasterReader(*l1.quality_mask_path(3), 3).read<std::uint8_t>();
    int count = 0;
    for (const auto value : lost.cells()) count += value;
    EXPECT_NEAR(count / double(lost.size()), 0.125, 0.01);
    bool reported = false;
    for (const auto& file : l1.files)
        if (file.ends_with("GENERAL_QUALITY.xml") && file.find("GRANULE") != std::string::npos)
            reported = granule::parse_bands_with_data_loss(l1.read_text(file), file) ==
                       std::vector<int>{3};
    EXPECT_TRUE(reported);
}

}  // namespace
}  // namespace hls::simulate
