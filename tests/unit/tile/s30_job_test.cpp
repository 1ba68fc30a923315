// SPDX-License-Identifier: Apache-2.0
// Whole S30 products from synthetic granules: facts, the south, the far north, nothing to write.
#include "tile/s30_job.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "core/error.hpp"
#include "geo/mgrs.hpp"
#include "product/tags.hpp"
#include "synthetic_granule.hpp"
#include "synthetic_scene.hpp"
#include "tile/stored_value.hpp"

namespace hls::tile {
namespace {

namespace stdfs = std::filesystem;

S30Job job_for(std::vector<stdfs::path> scenes, const stdfs::path& out) {
    S30Job job;
    job.scenes = std::move(scenes);
    job.output_dir = out;
    job.product.threads = 2;
    job.product.deflate_level = 1;
    return job;
}

Exit exit_of(const std::function<void()>& body) {
    try {
        body();
    } catch (const Error& error) {
        return error.code;
    }
    return Exit::ok;
}

template <typename T>
Plane<T> read_layer(const S30Plan& plan, const S30Job& job, std::string_view layer) {
    const auto file = plan.folder(job) / granule::hls_layer_file(plan.id, layer);
    return io::RasterReader(file.string()).read<T>();
}

TEST(MakeS30, ProductHoldsThePixelsAndTheirFacts) {
    const TemporaryFolder folder;
    SyntheticGranule first;
    first.values = {{"FMASK", 1}, {"SR_QA_AEROSOL", 0x42}, {"VAA", kAngleFill}};
    const auto scene = first.write(folder.path());
    const S30Job job = job_for({scene.folder}, folder.path() / "out");
    const S30Plan plan = plan_s30(job);
    EXPECT_EQ(granule::format_hls_id(plan.id), "HLS.S30.T35VLJ.2021168T100559.v2.0");
    // No pixel has a view azimuth: no mean can be told.
    EXPECT_EQ(exit_of([&] { make_s30(job, plan); }), Exit::bad_input);

    SyntheticGranule second = first;
    second.time = "130000";
    second.grid.uly_m -= 300;  // half below
    second.values = {{"FMASK", 4}, {"SR_B08", 1000}};
    const auto twin = second.write(folder.path());
    const S30Job both = job_for({twin.folder, scene.folder}, folder.path() / "out");
    const S30Report report = make_s30(both, plan_s30(both));
    EXPECT_EQ(report.summary.coverage.valid, 60 * 90);
    EXPECT_EQ(report.summary.coverage.cloudy, 60 * 30);
    EXPECT_EQ(report.info.cloud_coverage, 33);
    EXPECT_EQ(report.info.spatial_coverage, 0);
    const auto& source = std::get<product::Sentinel2Source>(report.info.source);
    EXPECT_EQ(source.processing_baseline, "03.00 + 03.00");
    EXPECT_EQ(source.accode, "Not Available + Not Available");
    EXPECT_EQ(source.l1_processing_time, "Not Available");
    ASSERT_EQ(source.bandpass.size(), 7U);
    EXPECT_EQ(source.bandpass[6].band, "8a");
    EXPECT_EQ(source.bandpass[6].slope, .9983);

    const auto mask = read_layer<std::uint8_t>(plan, both, "Fmask");
    EXPECT_EQ(mask(1638, 1638), 0x40 | 32);  // water, low aerosol
    EXPECT_EQ(mask(1638 + 25, 1638), 2);     // of the twin
    EXPECT_EQ(mask(1637, 1638), kMaskFill);
    const auto blue = read_layer<std::int16_t>(plan, both, "B09");
    EXPECT_EQ(blue(1638, 1638), 1000);
    EXPECT_EQ(blue(1638 + 30, 1638), kFill);
    // Angles are the twin's where it has them: no azimuth above it, so no NBAR there.
    const auto azimuth = read_layer<std::uint16_t>(plan, both, "VAA");
    EXPECT_EQ(azimuth(1638, 1638), kAngleFill);
    EXPECT_EQ(azimuth(1638 + 10, 1638), 3000);
    const auto red_edge = read_layer<std::int16_t>(plan, both, "B05");
    EXPECT_EQ(red_edge(1638, 1638), 1000);
    EXPECT_NE(red_edge(1638 + 10, 1638), 1000);
}

TEST(MakeS30, SouthernTilesHaveNegativeNorthings) {
    const TemporaryFolder folder;
    SyntheticGranule granule;
    granule.tile = "19LBJ";
    granule.grid = {60, 60, 199980 + 600, 8900020 - 600, 10, 32719};
    const S30Job job = job_for({granule.write(folder.path()).folder}, folder.path() / "out");
    const S30Plan plan = plan_s30(job);
    EXPECT_EQ(plan.grid, (io::Grid{3660, 3660, 199980, -1099980, 30, 32619}));
    // The projection named is that of the Level-1 tile.
    const auto info = make_s30(job, plan).info;
    EXPECT_EQ(product::horizontal_cs_name(info), "WGS84 / UTM zone 19S");
    EXPECT_EQ(product::horizontal_cs_code(info), "EPSG:32719");
    const auto band = read_layer<std::int16_t>(plan, job, "B10");
    EXPECT_EQ(band(19, 20), kFill);
    EXPECT_EQ(band(20, 20), 1000);
    EXPECT_EQ(band(39, 39), 1000);
    EXPECT_EQ(band(40, 40), kFill);
}

// tiling.md 2.9: north of 81.3 deg.
TEST(MakeS30, InTheFarNorthTheTargetIsTheMeanSunZenith) {
    const TemporaryFolder folder;
    const geo::MgrsTile tile{33, 5, 91};  // 82.4 N
    const geo::EastNorth corner = tile.upper_left();
    SyntheticGranule granule;
    granule.tile = tile.id();
    granule.grid = {60, 60, corner.x_m, corner.y_m, 10, 32633};
    granule.values = {{"SZA", 6789}};
    const S30Job job = job_for({granule.write(folder.path()).folder}, folder.path() / "out");
    const S30Report report = make_s30(job, plan_s30(job));
    EXPECT_EQ(report.info.nbar_solar_zenith_deg, report.info.mean_sun_zenith_deg);
    EXPECT_NEAR(report.info.nbar_solar_zenith_deg, 67.89, 1e-5);
}

TEST(MakeS30, GranulesWithoutAWholeCellMakeNothing) {
    const TemporaryFolder folder;
    SyntheticGranule granule;
    granule.values = {{"SR_B12", kFill}};
    const S30Job job = job_for({granule.write(folder.path()).folder}, folder.path() / "out");
    EXPECT_EQ(exit_of([&] { make_s30(job, plan_s30(job)); }), Exit::empty);
    EXPECT_TRUE(stdfs::is_empty(folder.path() / "out"));
}

}  // namespace
}  // namespace hls::tile
