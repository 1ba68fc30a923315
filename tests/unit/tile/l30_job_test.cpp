// SPDX-License-Identifier: Apache-2.0
// Whole products from synthetic scenes: names, contributors, empty tiles, the far north.
#include "tile/l30_job.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "core/error.hpp"
#include "geo/mgrs.hpp"
#include "synthetic_scene.hpp"

namespace hls::tile {
namespace {

namespace stdfs = std::filesystem;

L30Job job_for(const std::string& tile, std::vector<stdfs::path> scenes, const stdfs::path& out) {
    L30Job job;
    job.tile = tile;
    job.scenes = std::move(scenes);
    job.output_dir = out;
    job.product.threads = 2;
    job.product.deflate_level = 1;
    return job;
}

stdfs::path write(const SyntheticScene& scene, const stdfs::path& folder) {
    return scene.write(folder).folder;
}

template <typename T>
Plane<T> read_layer(const L30Plan& plan, const L30Job& job, std::string_view layer) {
    const auto file = plan.folder(job) / granule::hls_layer_file(plan.id, layer);
    return io::RasterReader(file.string()).read<T>();
}

Exit exit_of(const std::function<void()>& body) {
    try {
        body();
    } catch (const Error& error) {
        return error.code;
    }
    return Exit::ok;
}

TEST(PlanL30, TilesThatDoNotExistHaveAHint) {
    const TemporaryFolder folder;
    for (const char* tile : {"", "19", "19LIJ", "00LBJ", "61LBJ", "19LBJX", "19KBJ"}) {
        try {
            plan_l30(job_for(tile, {}, folder.path()));
            ADD_FAILURE() << tile;
        } catch (const Error& error) {
            EXPECT_EQ(error.code, Exit::usage) << tile;
            EXPECT_FALSE(error.hint.empty()) << tile;
        }
    }
}

// tiling.md 1.1.
TEST(PlanL30, CornersAreSigned) {
    const TemporaryFolder folder;
    const auto scene =
        write({67, {40, 40, 199980 + 15, -1099980 - 15, 30, 32619}, 1}, folder.path());
    for (const auto& [tile, ulx, uly, epsg] : {std::tuple{"19LBJ", 199980, -1099980, 32619},
                                               {"T19LBJ", 199980, -1099980, 32619},
                                               {"52TDN", 399960, 4800000, 32652},
                                               {"32VKM", 199980, 6700020, 32632}}) {
        const L30Plan plan = plan_l30(job_for(tile, {scene}, folder.path()));
        EXPECT_EQ(plan.grid, (io::Grid{3660, 3660, double(ulx), double(uly), 30, epsg})) << tile;
    }
}

TEST(MakeL30, ProductHoldsTheMosaicAndItsFacts) {
    const TemporaryFolder folder;
    // North of the tile, then two in the tile, then one east of it.
    const auto outside =
        write({66, {60, 60, 199980 + 615, -1099980 + 3015, 30, 32619}, 1}, folder.path());
    const auto first =
        write({67, {90, 100, 199980 + 615, -1099980 - 615, 30, 32619}, 2}, folder.path());
    const auto second =
        write({68, {90, 100, 199980 + 915, -1099980 - 2415, 30, 32619}, 3}, folder.path());
    const auto late = write({69, {60, 60, 399915, -1099980 - 4215, 30, 32619}, 4}, folder.path());
    const L30Job job = job_for("19LBJ", {late, second, first, outside}, folder.path() / "out");
    const L30Plan plan = plan_l30(job);
    const L30Report report = make_l30(job, plan);
    EXPECT_EQ(granule::format_hls_id(plan.id), "HLS.L30.T19LBJ.2020239T144556.v2.0");
    // The first scene gave nothing and leaves no trace; the last one is named all the same.
    ASSERT_EQ(report.contributors.size(), 3U);
    EXPECT_NE(report.contributors[0].find("003067"), std::string::npos);
    EXPECT_NE(report.contributors[2].find("003069"), std::string::npos);
    EXPECT_NEAR(report.info.nbar_solar_zenith_deg, 33.7190814050822, 1e-7);
    EXPECT_EQ(report.info.spatial_coverage, 0);
    EXPECT_TRUE(stdfs::exists(plan.folder(job) / "HLS.L30.T19LBJ.2020239T144556.v2.0.json"));

    const auto red = read_layer<std::int16_t>(plan, job, "B04");
    const auto mask = read_layer<std::uint8_t>(plan, job, "Fmask");
    std::int64_t valid = 0;
    for (std::size_t i = 0; i < red.size(); ++i) {
        valid += red.cells()[i] != -9999;
        if (red.cells()[i] == -9999) {
            ASSERT_EQ(mask.cells()[i], 255);
        }
    }
    EXPECT_EQ(valid, report.coverage.valid);
    EXPECT_GT(valid, 10000);

    EXPECT_EQ(exit_of([&] { make_l30(job, plan); }), Exit::cannot_create);
}

TEST(MakeL30, EmptyTilesLeaveNothing) {
    const TemporaryFolder folder;
    const auto elsewhere =
        write({67, {60, 60, 399915, -1099980 - 4215, 30, 32619}, 4}, folder.path());
    SyntheticScene fill(68, {60, 60, 199980 + 615, -1099980 - 615, 30, 32619}, 5);
    for (auto& v : fill.layers["BT_B10"].cells()) v = 0;
    const auto all_fill = write(fill, folder.path());
    SyntheticScene no_angles(69, {60, 60, 199980 + 615, -1099980 - 615, 30, 32619}, 5);
    for (const auto* layer : {"SZA", "SAA", "VZA", "VAA"})
        for (auto& v : no_angles.layers[layer].cells()) v = 0;
    const auto dark = write(no_angles, folder.path());
    for (const auto& scene : {elsewhere, all_fill, dark}) {
        const L30Job job = job_for("19LBJ", {scene}, folder.path() / "out");
        EXPECT_EQ(exit_of([&] { make_l30(job, plan_l30(job)); }), Exit::empty) << scene;
        EXPECT_TRUE(!stdfs::exists(job.output_dir) || stdfs::is_empty(job.output_dir)) << scene;
    }
}

// tiling.md 2.9: north of 81.3 deg the target is the mean sun zenith of the tile itself.
TEST(MakeL30, FarNorthTakesTheMeanSunZenith) {
    const TemporaryFolder folder;
    const geo::MgrsTile tile{33, 5, 91};  // 82.4 N
    const geo::EastNorth corner = tile.upper_left();
    const auto scene =
        write({67, {120, 120, corner.x_m + 3015, corner.y_m - 3015, 30, 32633}, 5}, folder.path());
    const L30Job job = job_for(tile.id(), {scene}, folder.path() / "out");
    const L30Plan plan = plan_l30(job);
    ASSERT_EQ(plan.grid.uly_m, corner.y_m);
    const L30Report report = make_l30(job, plan);
    EXPECT_EQ(report.info.nbar_solar_zenith_deg, report.info.mean_sun_zenith_deg);
    EXPECT_NEAR(report.info.nbar_solar_zenith_deg, 35.87, 0.01);
}

}  // namespace
}  // namespace hls::tile
