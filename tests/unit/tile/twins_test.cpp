// SPDX-License-Identifier: Apache-2.0
// Which granules make one S30 product, and in what order.
#include "tile/twins.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "synthetic_scene.hpp"
#include "tile/granule_window.hpp"

namespace hls::tile {
namespace {

constexpr int kLand = 0, kShadow = 2, kCloud = 4, kNone = 255;

scene::Sentinel2AcScene granule(const std::string& time) {
    scene::Sentinel2AcScene scene;
    scene.product_id = "S2A_MSIL1C_20210617T100559_N0300_R022_T35VLJ_20210617T" + time;
    scene.tile = "35VLJ";
    scene.spacecraft = "Sentinel-2A";
    scene.datatake_start = parse_utc("2021-06-17T10:05:59Z");
    scene.relative_orbit = 22;
    scene.grid = {1152, 1152, 349140, 6850860, 10, 32635};
    scene.sun_zenith_deg = 38;
    return scene;
}

Exit code_of(std::vector<scene::Sentinel2AcScene> scenes) {
    try {
        make_twins(std::move(scenes));
    } catch (const Error& error) {
        return error.code;
    }
    return Exit::ok;
}

TEST(Twins, ComeInTheOrderOfTheirIds) {
    const auto twins = make_twins({granule("121547"), granule("110000"), granule("120103")});
    ASSERT_EQ(twins.scenes.size(), 3U);
    EXPECT_TRUE(twins.scenes[0].product_id.ends_with("110000"));
    EXPECT_TRUE(twins.scenes[2].product_id.ends_with("121547"));
}

TEST(Twins, OtherTilesDatatakesOrbitsAndSatellitesAreRefused) {
    auto other = granule("121547");
    EXPECT_EQ(code_of({granule("120103"), other}), Exit::ok);
    other.tile = "35VMJ";
    EXPECT_EQ(code_of({granule("120103"), other}), Exit::bad_input);
    other = granule("121547");
    other.datatake_start += std::chrono::seconds(1);
    EXPECT_EQ(code_of({granule("120103"), other}), Exit::bad_input);
    other = granule("121547");
    other.relative_orbit = 23;
    EXPECT_EQ(code_of({granule("120103"), other}), Exit::bad_input);
    other = granule("121547");
    other.spacecraft = "Sentinel-2B";
    EXPECT_EQ(code_of({granule("120103"), other}), Exit::bad_input);
    EXPECT_EQ(code_of({granule("120103"), granule("120103")}), Exit::bad_input);
    EXPECT_EQ(code_of({}), Exit::usage);
}

TEST(Twins, ABaselineMayDiffer) {
    auto other = granule("121547");
    other.product_id.replace(other.product_id.find("N0300"), 5, "N0301");
    EXPECT_EQ(make_twins({other, granule("120103")}).scenes.size(), 2U);
}

// A granule with a mask on disk.
scene::Sentinel2AcScene with_mask(const TemporaryFolder& folder, const std::string& time,
                                  const std::vector<int>& classes) {
    auto scene = granule(time);
    scene.folder = folder.path();
    scene.layers = {"FMASK"};
    scene.cloud_cover_percent = 99;
    Plane<std::uint8_t> mask(10, 10);
    for (std::size_t i = 0; i < mask.size(); ++i)
        mask.cells()[i] = static_cast<std::uint8_t>(classes[i * classes.size() / mask.size()]);
    io::RasterWriter writer(scene.layer_path("FMASK"), {10, 10, 0, 0, 20, 32635},
                            scene::sentinel2_ac_layer("FMASK"));
    writer.write_rows<std::uint8_t>(0, std::as_const(mask).view());
    writer.close();
    return scene;
}

TEST(Twins, ShadowIsClearAndFillIsNothing) {
    const TemporaryFolder folder;
    EXPECT_EQ(clear_percent(with_mask(folder, "1", {kCloud, kShadow, kNone, kNone})), 50);
    EXPECT_EQ(clear_percent(with_mask(folder, "2", {kNone})), 0);
    EXPECT_EQ(clear_percent(with_mask(folder, "3", {kLand})), 100);
}

TEST(Twins, CloudyAndDarkOnesAreLeftOut) {
    const TemporaryFolder folder;
    const auto cloudy = with_mask(folder, "120103", {kCloud});
    auto dark = granule("121547");
    dark.sun_zenith_deg = 76.01;
    const auto twins = make_twins({cloudy, dark, granule("110000")});
    ASSERT_EQ(twins.scenes.size(), 1U);
    ASSERT_EQ(twins.left_out.size(), 2U);
    EXPECT_EQ(twins.left_out[0].reason, "cloudy");
    EXPECT_EQ(twins.left_out[1].reason, "low sun");
    EXPECT_EQ(code_of({cloudy, dark}), Exit::cloudy);
    EXPECT_EQ(code_of({dark}), Exit::low_sun);
    dark.sun_zenith_deg = 76;
    EXPECT_EQ(code_of({dark}), Exit::ok);
    auto thin = cloudy;
    thin.cloud_cover_percent = 95;  // not more than the limit
    EXPECT_EQ(code_of({thin}), Exit::ok);
}

TEST(CellsOf, WindowsOfTheTile) {
    const io::Grid tile{3660, 3660, 300000, 6900000, 30, 32635};
    const auto cells = cells_of(granule("120103"), tile);
    EXPECT_EQ(cells.rows, (Range{819, 1011}));
    EXPECT_EQ(cells.cols, (Range{819, 1011}));
    const auto code = [&](const io::Grid& grid) {
        auto scene = granule("120103");
        scene.grid = grid;
        try {
            cells_of(scene, tile);
        } catch (const Error& error) {
            return error.code;
        }
        return Exit::ok;
    };
    EXPECT_EQ(code({10980, 10980, 300000, 6900000, 10, 32635}), Exit::ok);
    EXPECT_EQ(code({10980, 10980, 300060, 6900000, 10, 32635}), Exit::bad_input);
    EXPECT_EQ(code({1152, 1152, 349110, 6850860, 10, 32635}), Exit::bad_input);
    EXPECT_EQ(code({1152, 1152, 299940, 6850860, 10, 32635}), Exit::bad_input);
    EXPECT_EQ(code({1152, 1152, 349140, 6850860, 10, 32636}), Exit::bad_input);
    EXPECT_EQ(code({1152, 1152, 349140, 6850860, 10, 4326}), Exit::bad_input);
}

TEST(CellsOf, SouthernTilesAreSigned) {
    const io::Grid tile{3660, 3660, 199980, -1099980, 30, 32619};
    auto scene = granule("120103");
    scene.tile = "19LBJ";
    scene.grid = {600, 600, 199980, 8900020, 10, 32719};
    EXPECT_EQ(cells_of(scene, tile).rows, (Range{0, 100}));
}

}  // namespace
}  // namespace hls::tile
