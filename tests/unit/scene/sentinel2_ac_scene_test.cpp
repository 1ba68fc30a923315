// SPDX-License-Identifier: Apache-2.0
// AC scenes of Sentinel-2: layers, scene.json there and back.
#include "scene/sentinel2_ac_scene.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "core/error.hpp"
#include "scene/ac_scene.hpp"

namespace hls::scene {
namespace {

namespace stdfs = std::filesystem;

Sentinel2AcScene example() {
    Sentinel2AcScene scene;
    scene.product_id = "S2A_MSIL1C_20210617T100559_N0300_R022_T35VLJ_20210617T120103";
    scene.product_uri = scene.product_id + ".SAFE";
    scene.tile = "35VLJ";
    scene.spacecraft = "Sentinel-2A";
    scene.datatake_start = parse_utc("2021-06-17T10:05:59Z");
    scene.relative_orbit = 22;
    scene.tile_id = "S2A_OPER_MSI_L1C_TL_VGS2_20210617T120103_A031257_T35VLJ_N03.00";
    scene.datastrip_id = "S2A_OPER_MSI_L1C_DS_VGS2_20210617T120103_S20210617T100559_N03.00";
    scene.baseline = "03.00";
    scene.sensing_time = parse_utc("2021-06-17T10:09:04.123456Z");
    scene.sensing_time_text = "2021-06-17T10:09:04.123456Z";
    scene.l1_processing_time_text = "2021-06-17T13:40:11.000000Z";
    scene.grid = {1152, 1140, 349140, 6850860, 10, 32635};
    scene.sun_zenith_deg = 38.87485;
    scene.sun_azimuth_deg = 163.71795;
    scene.cloud_cover_percent = 17.5;
    scene.software = "hls-lasrc 0.1.0";
    scene.processing_time = parse_utc("2026-11-21T12:00:00Z");
    scene.mask_source = "mask.tif";
    scene.ancillary = {"climatology"};
    scene.params = {{"aerosol", "retrieve"}};
    scene.layers = {"SR_B01", "SR_B8A", "TOA_B10", "SR_QA_AEROSOL", "FMASK", "VAA"};
    return scene;
}

TEST(Sentinel2AcLayers, NamesResolutionsAndEncodings) {
    EXPECT_EQ(sentinel2_ac_layers().size(), 20U);
    EXPECT_EQ(sentinel2_bands()[8].name, "B8A");
    EXPECT_EQ(sentinel2_bands()[9].layer, "SR_B09");
    EXPECT_EQ(sentinel2_ac_pixel_m("SR_B08"), 10);
    EXPECT_EQ(sentinel2_ac_pixel_m("SR_B8A"), 20);
    EXPECT_EQ(sentinel2_ac_pixel_m("SR_B01"), 60);
    EXPECT_EQ(sentinel2_ac_pixel_m("FMASK"), 20);
    EXPECT_EQ(sentinel2_ac_pixel_m("SZA"), 30);
    EXPECT_EQ(sentinel2_ac_layer("SR_B12").type, io::PixelType::i16);
    EXPECT_EQ(sentinel2_ac_layer("SR_B12").nodata, -9999);
    EXPECT_EQ(sentinel2_ac_layer("VAA").type, io::PixelType::u16);
    EXPECT_EQ(sentinel2_ac_layer("VAA").nodata, 40000);
    EXPECT_EQ(sentinel2_ac_layer("FMASK").nodata, 255);
    EXPECT_THROW(sentinel2_ac_layer("SR_B1"), Error);
    EXPECT_THROW(sentinel2_ac_pixel_m("B01"), Error);
}

TEST(Sentinel2AcLayers, GridOfALayer) {
    const io::Grid grid = example().grid;
    const io::Grid coarse = with_pixel_size(grid, 60);
    EXPECT_EQ(coarse, (io::Grid{192, 190, 349140, 6850860, 60, 32635}));
    EXPECT_THROW(with_pixel_size({1151, 1140, 0, 0, 10, 32635}, 60), Error);
}

TEST(Sentinel2SceneJson, HoldsWhatItWasGiven) {
    const auto scene = example();
    const std::string text = sentinel2_scene_json(scene);
    const auto back = parse_sentinel2_scene_json(text, "test");
    EXPECT_EQ(sentinel2_scene_json(back), text);
    EXPECT_EQ(back.grid, scene.grid);
    EXPECT_EQ(back.datatake_start, scene.datatake_start);
    EXPECT_EQ(back.sun_zenith_deg, scene.sun_zenith_deg);
    EXPECT_EQ(back.cloud_cover_percent, scene.cloud_cover_percent);
    EXPECT_EQ(back.layers, scene.layers);
    EXPECT_EQ(back.tile_id, scene.tile_id);
    EXPECT_TRUE(is_sentinel2_scene_json(text));
    EXPECT_FALSE(is_sentinel2_scene_json("{\"properties\": {\"hls:WRS_PATH\": 20}}"));
    EXPECT_FALSE(is_sentinel2_scene_json("{"));
}

TEST(Sentinel2SceneJson, RefusesWhatIsNoScene) {
    const std::string good = sentinel2_scene_json(example());
    const auto code_of = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        text.replace(text.find(from), from.size(), to);
        try {
            parse_sentinel2_scene_json(text, "test");
        } catch (const Error& error) {
            return error.code;
        }
        return Exit::ok;
    };
    EXPECT_EQ(code_of("{", "{"), Exit::ok);
    EXPECT_EQ(code_of("{", ""), Exit::bad_input);
    EXPECT_EQ(code_of("hls:TILE_ID", "hls:TILE"), Exit::bad_input);
    EXPECT_EQ(code_of("\"id\": \"S2A_MSI", "\"id\": \"../S2A_MSI"), Exit::bad_input);
    EXPECT_EQ(code_of("1152", "1150"), Exit::bad_input);
    EXPECT_EQ(code_of("1152", "-6"), Exit::bad_input);
}

// The schemas are checked with python3-jsonschema, as a user would.
TEST(Sentinel2SceneJson, ValidatesAgainstOurSchemaAndStac) {
    const stdfs::path source = HLS_SOURCE_DIR;
    const char* data = std::getenv("HLS_TEST_DATA");
    const std::string stac = data != nullptr && stdfs::exists(stdfs::path(data) / "stac")
                                 ? (stdfs::path(data) / "stac").string()
                                 : "-";
    const auto folder =
        stdfs::temp_directory_path() / ("hls_s2_schema_" + std::to_string(::getpid()));
    stdfs::create_directories(folder);
    const auto check = [&](const std::string& text) {
        std::ofstream(folder / "item.json") << text;
        return std::system(
            fmt::format("{} {} {} {} 2>/dev/null",
                        (source / "tests/unit/stac/validate_item.py").string(),
                        (folder / "item.json").string(), stac,
                        (source / "share/schemas/ac-scene-sentinel2.schema.json").string())
                .c_str());
    };
    std::string text = sentinel2_scene_json(example());
    EXPECT_EQ(check(text), 0);
    EXPECT_NE(check(text.replace(text.find("hls:TILE_ID"), 11, "hls:TILE_JD")), 0)
        << "the schema must be able to refuse";
    stdfs::remove_all(folder);
}

}  // namespace
}  // namespace hls::scene
