// SPDX-License-Identifier: Apache-2.0
// Two scenes of one pass against what NASA's tiling, angle and NBAR programs made of them.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "io/raster.hpp"
#include "scene/ac_scene.hpp"
#include "tile/l30_mosaic.hpp"
#include "tile/target_sun_zenith.hpp"

namespace hls::tile {
namespace {

namespace stdfs = std::filesystem;

constexpr int kTileSize = 3660;
constexpr int kStripRows = 256;
const io::Grid kTile{kTileSize, kTileSize, 199980, -1099980, 30, 32619};
// Of the target sun zenith, tiling.md 2.9.
constexpr double kTargetZenith = 33.7190814050822;

stdfs::path golden_folder() {
    const char* root = std::getenv("HLS_TEST_DATA");
    return stdfs::path(root != nullptr ? root : "../shared/data") / "golden" / "l30_19LBJ";
}

// Window of the tile that the expected files cover, counted in tile pixels.
struct Expected {
    explicit Expected(const std::string& name)
        : reader((golden_folder() / "expected" / (name + ".tif")).string()),
          grid(reader.grid().value()) {}

    int tile_row() const { return static_cast<int>(std::lround((kTile.uly_m - grid.uly_m) / 30)); }
    int tile_col() const { return static_cast<int>(std::lround((grid.ulx_m - kTile.ulx_m) / 30)); }

    io::RasterReader reader;
    io::Grid grid;
};

// The whole tile, before and after NBAR.
struct Tile {
    Tile() : gridded(kTileSize, kTileSize), final(kTileSize, kTileSize) {}
    L30Strip gridded;
    L30Strip final;
    L30Summary summary;
};

template <typename T>
void copy_rows(const Plane<T>& from, Plane<T>& to, int first_row) {
    std::copy(from.cells().begin(), from.cells().end(), to.row(first_row).begin());
}

void copy_strip(const L30Strip& from, L30Strip& to, int first_row) {
    for (std::size_t b = 0; b < to.bands.size(); ++b)
        copy_rows(from.bands[b], to.bands[b], first_row);
    for (std::size_t a = 0; a < to.angles.size(); ++a)
        copy_rows(from.angles[a], to.angles[a], first_row);
    copy_rows(from.fmask, to.fmask, first_row);
}

class GoldenTile : public ::testing::Test {
 protected:
    static void SetUpTestSuite() {
        if (!stdfs::exists(golden_folder())) return;
        const std::vector scenes{
            scene::read_ac_scene(golden_folder() / "LC08_L1TP_003067_20200826_20200905_02_T1"),
            scene::read_ac_scene(golden_folder() / "LC08_L1TP_003068_20200826_20200905_02_T1")};
        tile_ = std::make_unique<Tile>();
        L30Mosaic mosaic(kTile, scenes, 2);
        const Nbar nbar(kL30Brdf, kTargetZenith);
        for (int row = 0; row < kTileSize; row += kStripRows) {
            L30Strip strip(std::min(kStripRows, kTileSize - row), kTileSize);
            mosaic.read_strip(row, strip);
            copy_strip(strip, tile_->gridded, row);
            normalize_strip(nbar, strip, 2);
            copy_strip(strip, tile_->final, row);
        }
        tile_->summary = mosaic.summary();
    }
    static void TearDownTestSuite() { tile_.reset(); }

    void SetUp() override {
        if (!tile_) GTEST_SKIP() << "no golden data in " << golden_folder();
    }

    // Pixels of the window where `plane` is not what is expected.
    template <typename T>
    static long differences(const std::string& name, const Plane<T>& plane) {
        const Expected expected(name);
        const auto wanted = expected.reader.read<T>();
        long count = 0;
        for (int r = 0; r < wanted.rows(); ++r)
            for (int c = 0; c < wanted.cols(); ++c)
                count += wanted(r, c) != plane(r + expected.tile_row(), c + expected.tile_col());
        EXPECT_GT(wanted.size(), 1000000U);
        return count;
    }

    static std::unique_ptr<Tile> tile_;
};

std::unique_ptr<Tile> GoldenTile::tile_;

constexpr std::array kBandNames{"B01", "B02", "B03", "B04", "B05",
                                "B06", "B07", "B09", "B10", "B11"};

TEST_F(GoldenTile, MosaicBeforeNbar) {
    for (std::size_t b = 0; b < kBandNames.size(); ++b)
        EXPECT_EQ(differences(std::string("gridded_") + kBandNames[b], tile_->gridded.bands[b]), 0)
            << kBandNames[b];
    EXPECT_EQ(differences("gridded_Fmask", tile_->gridded.fmask), 0);
}

TEST_F(GoldenTile, Angles) {
    constexpr std::array kNames{"SZA", "SAA", "VZA", "VAA"};
    for (std::size_t a = 0; a < kNames.size(); ++a)
        EXPECT_EQ(differences(std::string("angle_") + kNames[a], tile_->final.angles[a]), 0)
            << kNames[a];
}

TEST_F(GoldenTile, Nbar) {
    for (std::size_t b = 0; b < SceneWindow::kReflectiveBands; ++b)
        EXPECT_EQ(differences(std::string("nbar_") + kBandNames[b], tile_->final.bands[b]), 0)
            << kBandNames[b];
    for (std::size_t b = SceneWindow::kReflectiveBands; b < kBandNames.size(); ++b)
        EXPECT_EQ(differences(std::string("gridded_") + kBandNames[b], tile_->final.bands[b]), 0)
            << kBandNames[b];
    EXPECT_EQ(differences("gridded_Fmask", tile_->final.fmask), 0);
}

TEST_F(GoldenTile, Factors) {
    const Nbar nbar(kL30Brdf, kTargetZenith);
    for (const auto& [name, band] :
         {std::pair{"cfactor_B02", 1}, {"cfactor_B04", 3}, {"cfactor_B05", 4}}) {
        const Expected expected(name);
        const auto wanted = expected.reader.read<float>();
        double worst = 0;
        long compared = 0;
        for (int r = 0; r < wanted.rows(); ++r) {
            const AngleRow angles = tile_->final.angle_row(r + expected.tile_row());
            for (int c = 0; c < wanted.cols(); ++c) {
                constexpr float kNone = -1000;
                if (wanted(r, c) == kNone) continue;
                std::array<double, 7> factors{};
                nbar.factors(angles.at(static_cast<std::size_t>(c + expected.tile_col())), factors);
                worst = std::max(worst, std::abs(factors[static_cast<std::size_t>(band)] /
                                                     static_cast<double>(wanted(r, c)) -
                                                 1));
                ++compared;
            }
        }
        EXPECT_LT(worst, 1e-6) << name;
        EXPECT_GT(compared, 1000000) << name;
    }
}

TEST_F(GoldenTile, Attributes) {
    const L30Summary& summary = tile_->summary;
    EXPECT_EQ(summary.coverage.spatial_percent(std::int64_t{kTileSize} * kTileSize, true), 9);
    EXPECT_EQ(summary.coverage.cloud_percent(), 11);
    const AngleSums& sums = summary.angles;
    EXPECT_NEAR(sums.mean_deg(sums.sun_zenith), 36.7594074473556, 1e-9);
    EXPECT_NEAR(sums.mean_deg(sums.sun_azimuth), 55.2084641229392, 1e-9);
    EXPECT_NEAR(sums.mean_deg(sums.view_zenith), 3.40244794051973, 1e-9);
    EXPECT_NEAR(sums.mean_deg(sums.view_azimuth), 190.166615604743, 1e-9);
    EXPECT_GT(summary.contributed[0], 0);
    EXPECT_GT(summary.contributed[1], 0);
    EXPECT_EQ(summary.contributed[0] + summary.contributed[1], summary.coverage.valid);
}

TEST_F(GoldenTile, NothingOutsideTheScenes) {
    for (const auto& band : tile_->final.bands) EXPECT_EQ(band(0, 0), -9999);
    EXPECT_EQ(tile_->final.fmask(0, 0), 255);
    EXPECT_EQ(tile_->final.angles[0](3659, 3659), 40000);
}

}  // namespace
}  // namespace hls::tile
