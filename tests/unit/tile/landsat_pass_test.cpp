// SPDX-License-Identifier: Apache-2.0
#include "tile/landsat_pass.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "core/error.hpp"

namespace hls::tile {
namespace {

scene::AcScene scene_of(int row, std::string_view time = "2020-08-26T14:45:56.7059220Z") {
    scene::AcScene scene;
    scene.product_id = "scene of row " + std::to_string(row);
    scene.wrs_path = 3;
    scene.wrs_row = row;
    scene.sensing_time = parse_utc(time);
    scene.sun_elevation_deg = 50;
    return scene;
}

void expect_error(Exit code, const std::string& text, const std::function<void()>& body) {
    try {
        body();
        ADD_FAILURE() << "no error: " << text;
    } catch (const Error& error) {
        EXPECT_EQ(error.code, code) << error.message;
        EXPECT_NE(error.message.find(text), std::string::npos) << error.message;
    }
}

TEST(LandsatPass, OrdersByRowAndTakesTheTimeOfTheFirst) {
    const LandsatPass pass =
        make_landsat_pass({scene_of(68, "2020-08-26T14:46:20.5Z"), scene_of(69), scene_of(67)}, {});
    EXPECT_EQ(pass.scenes[0].wrs_row, 67);
    EXPECT_EQ(pass.scenes[1].wrs_row, 68);
    EXPECT_EQ(pass.scenes[2].wrs_row, 69);
    EXPECT_EQ(format_utc(pass.granule_time), "2020-08-26T14:45:56Z");
    EXPECT_FALSE(pass.time_estimated);
}

// A rerun must get the name of the first run, whichever rows are there.
TEST(LandsatPass, NameComesFromTheFirstIntendedRow) {
    IntendedRows intended = parse_intended_rows("068,067", "");
    const auto complete =
        make_landsat_pass({scene_of(67), scene_of(68, "2020-08-26T14:46:20.5860000Z")}, intended);
    EXPECT_EQ(format_utc(complete.granule_time), "2020-08-26T14:45:56Z");
    const auto partial =
        make_landsat_pass({scene_of(68, "2020-08-26T14:46:20.5860000Z")}, intended);
    EXPECT_EQ(format_utc(partial.granule_time), "2020-08-26T14:45:56Z");
    EXPECT_TRUE(partial.time_estimated);
    intended = parse_intended_rows("067,068", "2020-08-26T14:45:57.1");
    const auto told = make_landsat_pass({scene_of(68)}, intended);
    EXPECT_EQ(format_utc(told.granule_time), "2020-08-26T14:45:57Z");
    EXPECT_FALSE(told.time_estimated);
    // Told by the name of an earlier, partial product: the complete one keeps it.
    const auto renamed = make_landsat_pass({scene_of(67), scene_of(68)}, intended);
    EXPECT_EQ(format_utc(renamed.granule_time), "2020-08-26T14:45:57Z");
}

TEST(LandsatPass, RefusesOtherPathsDaysAndRows) {
    auto other_path = scene_of(68);
    other_path.wrs_path = 4;
    expect_error(Exit::bad_input, "path 4", [&] {
        make_landsat_pass({scene_of(67), other_path}, {});
    });
    expect_error(Exit::bad_input, "2020-08-27", [&] {
        make_landsat_pass({scene_of(67), scene_of(68, "2020-08-27T14:45:56Z")}, {});
    });
    expect_error(Exit::bad_input, "both of row 67", [&] {
        make_landsat_pass({scene_of(67), scene_of(67)}, {});
    });
    expect_error(Exit::usage, "row 67",
                 [&] { make_landsat_pass({scene_of(67)}, parse_intended_rows("68", "")); });
    expect_error(Exit::bad_input, "not 4",
                 [&] { make_landsat_pass({scene_of(67)}, parse_intended_rows("004067", "")); });
    expect_error(Exit::usage, "no scene", [&] { make_landsat_pass({}, {}); });
}

// A pass across midnight is one pass.
TEST(LandsatPass, MidnightIsNoBorder) {
    const auto pass = make_landsat_pass(
        {scene_of(68, "2020-08-27T00:00:10Z"), scene_of(67, "2020-08-26T23:59:46Z")}, {});
    EXPECT_EQ(format_utc(pass.granule_time), "2020-08-26T23:59:46Z");
}

// tiling.md 2.1: zenith > 76 deg.
TEST(LandsatPass, LeavesOutScenesWithoutSun) {
    auto dark = scene_of(67);
    dark.sun_elevation_deg = 13.9;
    auto dusk = scene_of(68, "2020-08-26T14:46:20Z");
    dusk.sun_elevation_deg = 14;
    const auto pass = make_landsat_pass({dark, dusk}, {});
    ASSERT_EQ(pass.scenes.size(), 1U);
    EXPECT_EQ(pass.scenes[0].wrs_row, 68);
    EXPECT_EQ(format_utc(pass.granule_time), "2020-08-26T14:45:56Z") << "named after row 67";
    expect_error(Exit::low_sun, "13.9", [&] { make_landsat_pass({dark}, {}); });
}

TEST(IntendedRows, AreStrict) {
    EXPECT_EQ(parse_intended_rows("003067, 003068", "").path, 3);
    EXPECT_TRUE(parse_intended_rows("", "").rows.empty());
    for (const char* text : {"x", "0", "249", "67,", "003067,004068", "1e1", "234001"})
        expect_error(Exit::usage, "", [&] { parse_intended_rows(text, ""); });
    expect_error(Exit::usage, "", [] { parse_intended_rows("67", "yesterday"); });
}

}  // namespace
}  // namespace hls::tile
