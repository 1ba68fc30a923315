// SPDX-License-Identifier: Apache-2.0
// Twin granules against what NASA's programs made of them, step by step, in an otherwise empty
// tile.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>

#include "io/raster.hpp"
#include "scene/sentinel2_ac_scene.hpp"
#include "tile/s30_finish.hpp"
#include "tile/s30_mosaic.hpp"
#include "tile/target_sun_zenith.hpp"
#include "tile/twins.hpp"

namespace hls::tile {
namespace {

namespace stdfs = std::filesystem;

const io::Grid kTile{3660, 3660, 300000, 6900000, 30, 32635};
constexpr int kStripRows = 256;
// Attribute of the reference's product.
constexpr double kTargetZenith = 38.878567853300666;

stdfs::path golden_folder() {
    const char* root = std::getenv("HLS_TEST_DATA");
    return stdfs::path(root != nullptr ? root : "../shared/data") / "golden" / "s30";
}

// Compares rows of stages with the windows of the tile that the expected files cover.
class Judge {
 public:
    struct Verdict {
        long compared = 0;
        long differences = 0;
        double worst = 0;  // of floats, relative
        long outside = 0;  // values beside the window
    };

    void hear(const StageRaster& stage, std::size_t band, int first_row, const StageRows& rows) {
        std::visit([&](const auto& view) { compare(stage, band, first_row, view); }, rows);
    }
    const std::map<std::string, Verdict>& verdicts() const { return verdicts_; }

 private:
    template <typename T>
    void compare(const StageRaster& stage, std::size_t band, int first_row, View2D<const T> rows) {
        const auto path = golden_folder() / "expected" / (stage.name + ".tif");
        ASSERT_TRUE(stdfs::exists(path)) << path;
        const io::RasterReader reader(path.string(), static_cast<int>(band) + 1);
        const io::Grid grid = *reader.grid();
        ASSERT_EQ(reader.layer().description, stage.bands[band]);
        ASSERT_EQ(reader.bands(), static_cast<int>(stage.bands.size()));
        ASSERT_EQ(grid.pixel_m, stage.pixel_m);
        const int top = static_cast<int>(std::lround((kTile.uly_m - grid.uly_m) / grid.pixel_m));
        const int left = static_cast<int>(std::lround((grid.ulx_m - kTile.ulx_m) / grid.pixel_m));
        const auto wanted = planes<T>(stage.name, band, reader);
        Verdict& verdict = verdicts_[stage.name];
        for (int r = 0; r < rows.rows(); ++r) {
            const int at = first_row + r - top;
            if (at < 0 || at >= grid.rows) continue;
            for (int c = 0; c < grid.cols; ++c)
                judge(static_cast<double>(wanted(at, c)), static_cast<double>(rows(r, left + c)),
                      verdict);
            if (stage.fill && static_cast<double>(rows(r, left - 1)) != *stage.fill)
                ++verdict.outside;
        }
    }

    static void judge(double wanted, double found, Verdict& verdict) {
        ++verdict.compared;
        if (wanted == found) return;
        ++verdict.differences;
        verdict.worst = std::max(verdict.worst, std::abs(found / wanted - 1));
    }

    template <typename T>
    const Plane<T>& planes(const std::string& name, std::size_t band,
                           const io::RasterReader& reader) {
        auto& cache = std::get<std::map<std::string, Plane<T>>>(files_);
        const auto key = name + std::to_string(band);
        if (!cache.contains(key)) cache.emplace(key, reader.read<T>());
        return cache.at(key);
    }

    std::tuple<std::map<std::string, Plane<std::uint8_t>>,
               std::map<std::string, Plane<std::int16_t>>,
               std::map<std::string, Plane<std::uint16_t>>, std::map<std::string, Plane<float>>>
        files_;
    std::map<std::string, Verdict> verdicts_;
};

class GoldenTwins : public ::testing::Test {
 protected:
    static void SetUpTestSuite() {
        if (!stdfs::exists(golden_folder())) return;
        judge_ = std::make_unique<Judge>();
        const StageHook hear = [](const auto&... stage) { judge_->hear(stage...); };
        // In the order of their ids, not of the arguments.
        const auto twins = make_twins({read("20210617T121547"), read("20210617T120103")});
        S30Mosaic mosaic(kTile, twins.scenes, 2, hear);
        const S30Finish finish(kTargetZenith, granule::sentinel2_satellite("S2A"), hear);
        for (int row = 0; row < kTile.rows; row += kStripRows) {
            S30Strip strip(std::min(kStripRows, kTile.rows - row), kTile.cols);
            mosaic.read_strip(row, strip);
            finish.apply(row, strip, 2);
        }
        summary_ = std::make_unique<S30Summary>(mosaic.summary());
    }
    static void TearDownTestSuite() {
        judge_.reset();
        summary_.reset();
    }
    void SetUp() override {
        if (!judge_) GTEST_SKIP() << "no golden data in " << golden_folder();
    }

    static scene::Sentinel2AcScene read(const std::string& time) {
        return scene::read_sentinel2_ac_scene(
            golden_folder() / ("S2A_MSIL1C_20210617T100559_N0300_R022_T35VLJ_" + time));
    }

    static void expect_exact(const std::vector<std::string>& names) {
        for (const auto& name : names) {
            ASSERT_TRUE(judge_->verdicts().contains(name)) << name;
            const auto& verdict = judge_->verdicts().at(name);
            EXPECT_EQ(verdict.differences, 0) << name;
            EXPECT_EQ(verdict.outside, 0) << name;
            EXPECT_GE(verdict.compared, 192 * 192) << name;
        }
    }

    static std::unique_ptr<Judge> judge_;
    static std::unique_ptr<S30Summary> summary_;
};

std::unique_ptr<Judge> GoldenTwins::judge_;
std::unique_ptr<S30Summary> GoldenTwins::summary_;

TEST_F(GoldenTwins, CombineMaskAndTrim) {
    for (const std::string letter : {"A", "B"})
        expect_exact({letter + "_1combine_10m", letter + "_1combine_20m", letter + "_1combine_60m",
                      letter + "_2mask_10m", letter + "_3trim_valid_60m"});
}

TEST_F(GoldenTwins, DetectorsAndAngles) {
    expect_exact({"A_detector_30m", "A_angles_30m", "B_detector_30m", "B_angles_30m"});
}

TEST_F(GoldenTwins, Consolidation) {
    expect_exact({"4consolidate_10m", "4consolidate_20m", "4consolidate_60m",
                  "4consolidate_mask_10m", "4consolidate_angles_30m"});
}

TEST_F(GoldenTwins, ThirtyMetres) {
    expect_exact({"5s30_30m", "5s30_mask_30m"});
}

TEST_F(GoldenTwins, NbarAndItsFactors) {
    expect_exact({"6nbar_30m"});
    const auto& factors = judge_->verdicts().at("6cfactor_30m");
    EXPECT_LT(factors.worst, 1e-6);
    EXPECT_GT(factors.compared, 400000);
}

TEST_F(GoldenTwins, BandpassOfEverySatellite) {
    expect_exact({"7bandpass_S2A_30m", "7bandpass_S2B_30m", "7bandpass_S2C_30m"});
}

TEST_F(GoldenTwins, Attributes) {
    EXPECT_EQ(summary_->coverage.valid, 1163196);
    EXPECT_EQ(summary_->coverage.cloudy, 98988);
    constexpr std::int64_t kWindow = 1152 * 1152;
    EXPECT_EQ(summary_->coverage.spatial_percent(kWindow, false), 87);
    EXPECT_EQ(summary_->coverage.cloud_percent(), 9);
    const auto& granules = summary_->granules;
    const auto expect_percent = [](const CoverageCounts& counts, int spatial, int cloud) {
        EXPECT_EQ(counts.spatial_percent(kWindow, false), spatial);
        EXPECT_EQ(counts.cloud_percent(), cloud);
    };
    expect_percent(granules[0].combined, 62, 11);
    expect_percent(granules[0].trimmed, 61, 10);
    expect_percent(granules[1].combined, 46, 9);
    expect_percent(granules[1].trimmed, 45, 8);
    const AngleSums& sums = summary_->angles;
    EXPECT_NEAR(sums.mean_deg(sums.sun_zenith), 38.89050127345405, 1e-9);
    EXPECT_NEAR(sums.mean_deg(sums.sun_azimuth), 163.7117377482769, 1e-9);
    EXPECT_NEAR(sums.mean_deg(sums.view_zenith), 6.8643580601164045, 1e-9);
    EXPECT_NEAR(sums.mean_deg(sums.view_azimuth), 230.83405519982662, 1e-9);
    const geo::Utm utm({35, false});
    const auto target = target_sun_zenith_deg(utm.inverse({354900, 6845100}), 2021, 168);
    EXPECT_NEAR(target.value(), kTargetZenith, 1e-7);
}

}  // namespace
}  // namespace hls::tile
