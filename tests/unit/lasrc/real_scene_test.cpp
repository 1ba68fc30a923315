// SPDX-License-Identifier: Apache-2.0
// A real Landsat scene with our own tables and the climatology: what an eye would look for.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "atmosphere/table_store.hpp"
#include "io/raster.hpp"
#include "lasrc/landsat_job.hpp"
#include "scene/ac_scene.hpp"

namespace hls::lasrc {
namespace {

namespace stdfs = std::filesystem;

constexpr const char* kMainScene = "landsat/LC08_L1TP_020039_20150804_20200908_02_T1";
constexpr double kSunElevationDeg = 64.74360932;

class MainScene : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        const char* data = std::getenv("HLS_TEST_DATA");
        l1_ = stdfs::path(data == nullptr ? "../shared/data" : data) / kMainScene;
        if (!stdfs::exists(l1_)) return;
        out_ = stdfs::temp_directory_path() / ("hls_real_scene_" + std::to_string(::getpid()));
        LandsatJob job;
        job.granule = l1_.string();
        job.output_dir = out_;
        job.threads = 2;
        report_ =
            correct_landsat(job, atmosphere::obtain_tables("", atmosphere::Sensor::oli, 2, {}));
    }
    static void TearDownTestSuite() { stdfs::remove_all(out_); }
    void SetUp() override {
        if (!stdfs::exists(l1_)) GTEST_SKIP() << l1_ << " is not there";
    }

    static Plane<float> surface(int band) {
        return scaled(layer("SR_B" + std::to_string(band)), scene::kReflectanceScale,
                      scene::kReflectanceOffset);
    }
    static Plane<float> toa(int band) {
        const double mu = std::sin(kSunElevationDeg * std::acos(-1.0) / 180);
        const auto name = l1_.filename().string() + "_B" + std::to_string(band) + ".TIF";
        return scaled((l1_ / name).string(), 2e-5 / mu, -0.1 / mu);
    }
    static std::string layer(const std::string& name) {
        return (report_.plan.scene_dir / scene::ac_file_name(report_.plan.product_id, name))
            .string();
    }
    static Plane<float> scaled(const std::string& path, double scale, double offset) {
        Plane<float> values = io::RasterReader(path).read<float>();
        for (float& value : values.cells()) value = static_cast<float>(value * scale + offset);
        return values;
    }
    static double mean(const Plane<float>& values) {
        double sum = 0;
        for (const float value : values.cells()) sum += static_cast<double>(value);
        return sum / static_cast<double>(values.size());
    }

    static inline stdfs::path l1_, out_;
    static inline CorrectionReport report_;
};

TEST_F(MainScene, IsMostlyLandWithRetrievedAerosol) {
    EXPECT_EQ(report_.valid_pixels, report_.total_pixels);
    const auto& windows = report_.windows;
    const auto all = windows.land + windows.water + windows.failed + windows.fill;
    EXPECT_GT(static_cast<double>(windows.land), 0.95 * static_cast<double>(all));
    ASSERT_EQ(report_.plan.ancillary.size(), 1u);
    EXPECT_EQ(report_.plan.ancillary.front(), "embedded climatology");
}

TEST_F(MainScene, HazeIsThinnerTowardsTheBlue) {
    double last = 1;
    for (const int band : {1, 2, 3, 4}) {
        const double removed = mean(toa(band)) - mean(surface(band));
        EXPECT_GT(removed, 0) << "band " << band;
        EXPECT_LT(removed, last) << "band " << band;
        last = removed;
    }
    for (const int band : {5, 6, 7})
        EXPECT_NEAR(mean(toa(band)), mean(surface(band)), 0.02) << "band " << band;
}

TEST_F(MainScene, CloudsStayBrightAndForestDark) {
    const auto red = surface(4);
    const auto cirrus =
        scaled(layer("TOA_B9"), scene::kReflectanceScale, scene::kReflectanceOffset);
    double bright = 0, dark = 0;
    int bright_count = 0, dark_count = 0;
    for (std::size_t i = 0; i < red.size(); ++i) {
        if (cirrus.cells()[i] > 0.04F) {
            bright += static_cast<double>(red.cells()[i]);
            ++bright_count;
        } else if (cirrus.cells()[i] < 0.002F) {
            dark += static_cast<double>(red.cells()[i]);
            ++dark_count;
        }
    }
    ASSERT_GT(bright_count, 1000);
    ASSERT_GT(dark_count, 1000);
    EXPECT_GT(bright / bright_count, 2 * dark / dark_count);
}

// Blocks of 3 x 3 would show as larger steps where windows meet than inside them.
TEST_F(MainScene, ShowsNoWindowBlocks) {
    const auto blue = surface(1);
    std::array<double, 3> step{};
    for (int row = 0; row < blue.rows(); ++row)
        for (int col = 3; col + 3 < blue.cols(); ++col)
            step[static_cast<std::size_t>(col % 3)] += std::fabs(
                static_cast<double>(blue(row, col)) - static_cast<double>(blue(row, col - 1)));
    // Windows begin at columns divisible by 3.
    EXPECT_LT(step[0], 1.02 * (step[1] + step[2]) / 2);
}

}  // namespace
}  // namespace hls::lasrc
