// SPDX-License-Identifier: Apache-2.0
// AC scenes: encodings of the layers, scene.json there and back, folders without one.
#include "scene/ac_scene.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "core/error.hpp"

namespace hls::scene {
namespace {

namespace stdfs = std::filesystem;

AcScene example() {
    AcScene scene;
    scene.product_id = "LC08_L1TP_020039_20150804_20200908_02_T1";
    scene.scene_id = "LC80200392015216LGN00";
    scene.spacecraft = "LANDSAT_8";
    scene.sensor = "OLI_TIRS";
    scene.level = "L1TP";
    scene.category = "T1";
    scene.wrs_path = 20;
    scene.wrs_row = 39;
    scene.sensing_time = parse_utc("2015-08-04T16:19:21.791742Z");
    scene.sensing_time_text = "2015-08-04T16:19:21.7917421Z";
    scene.l1_processing_time_text = "2015-08-04T21:11:59Z";
    scene.l1_software = "LPGS_2.5.1";
    scene.tirs_ssm_model = "FINAL";
    scene.tirs_ssm_position_status = "NOMINAL";
    scene.grid = {603, 627, 452475, 3408645, 30, 32616};
    scene.sun_azimuth_deg = 115.87210674;
    scene.sun_elevation_deg = 64.74360932;
    scene.cloud_cover_percent = 11.08;
    scene.software = "hls-lasrc 0.1.0";
    scene.processing_time = parse_utc("2026-11-21T12:00:00Z");
    scene.mask_source = "QA_PIXEL";
    scene.ancillary = {"climatology"};
    scene.params = {{"aerosol", "retrieve"}};
    scene.layers = {"SR_B1", "SR_B4", "BT_B10", "AOT", "FMASK", "SZA"};
    return scene;
}

void expect_same(const AcScene& a, const AcScene& b) {
    EXPECT_EQ(scene_json(a), scene_json(b));
    EXPECT_EQ(a.grid, b.grid);
    EXPECT_EQ(a.sensing_time, b.sensing_time);
    EXPECT_EQ(a.layers, b.layers);
    EXPECT_EQ(a.params, b.params);
    EXPECT_EQ(a.sun_azimuth_deg, b.sun_azimuth_deg);
    EXPECT_EQ(a.cloud_cover_percent, b.cloud_cover_percent);
}

TEST(AcLayers, EncodingsAreThoseOfCollection2Level2) {
    EXPECT_EQ(landsat_ac_layers().size(), 17U);
    const auto red = landsat_ac_layer("SR_B4");
    EXPECT_EQ(red.type, io::PixelType::u16);
    EXPECT_EQ(red.nodata, 0);
    EXPECT_EQ(red.scale, 2.75e-5);
    EXPECT_EQ(red.offset, -0.2);
    EXPECT_EQ(landsat_ac_layer("TOA_B9").scale, 2.75e-5);
    const auto thermal = landsat_ac_layer("BT_B11");
    EXPECT_EQ(thermal.scale, 0.00341802);
    EXPECT_EQ(thermal.offset, 149);
    EXPECT_EQ(thermal.unit, "K");
    const auto aot = landsat_ac_layer("AOT");
    EXPECT_EQ(aot.type, io::PixelType::i16);
    EXPECT_EQ(aot.nodata, -9999);
    EXPECT_EQ(aot.scale, 0.001);
    EXPECT_EQ(landsat_ac_layer("FMASK").nodata, 255);
    EXPECT_EQ(landsat_ac_layer("FMASK").classes.size(), 6U);
    EXPECT_EQ(landsat_ac_layer("SR_QA_AEROSOL").type, io::PixelType::u8);
    EXPECT_EQ(landsat_ac_layer("SZA").type, io::PixelType::i16);
    EXPECT_EQ(landsat_ac_layer("VAA").scale, 0.01);
    EXPECT_FALSE(landsat_ac_layer("SAA").nodata.has_value()) << "0 is also due north";
    for (const auto name : landsat_ac_layers())
        EXPECT_FALSE(landsat_ac_layer(name).description.empty()) << name;
    EXPECT_THROW(landsat_ac_layer("B04"), Error);
    EXPECT_EQ(ac_file_name("ID", "SR_B4"), "ID_SR_B4.tif");
}

TEST(SceneJson, HoldsWhatItWasGiven) {
    expect_same(parse_scene_json(scene_json(example()), "scene.json"), example());
    auto scene = example();
    scene.cloud_cover_percent.reset();
    scene.tirs_ssm_model.clear();
    expect_same(parse_scene_json(scene_json(scene), "scene.json"), scene);
}

TEST(SceneJson, RefusesWhatIsNoScene) {
    for (const std::string text : {"", "{", "[]", "{\"properties\": {}}", "null", "\"x\""}) {
        try {
            parse_scene_json(text, "scene.json");
            ADD_FAILURE() << text;
        } catch (const Error& error) {
            EXPECT_EQ(error.code, Exit::bad_input);
            EXPECT_TRUE(error.message.starts_with("scene.json: ")) << error.message;
        }
    }
    auto scene = example();
    scene.product_id = "../../etc";
    EXPECT_THROW(parse_scene_json(scene_json(scene), "scene.json"), Error);
}

// gdalinfo on a band of this scene: 87d29'48.61"W 30d48'35.80"N and so on.
TEST(Footprint, CornersOfTheMainScene) {
    const auto corners = footprint(example().grid);
    ASSERT_EQ(corners.size(), 4U);
    EXPECT_NEAR(corners[0].first, -(87 + 29 / 60.0 + 48.61 / 3600), 3e-6);
    EXPECT_NEAR(corners[0].second, 30 + 48 / 60.0 + 35.80 / 3600, 3e-6);
    EXPECT_NEAR(corners[2].first, -(87 + 17 / 60.0 + 58.88 / 3600), 3e-6);
    EXPECT_NEAR(corners[2].second, 30 + 38 / 60.0 + 50.34 / 3600, 3e-6);
    io::Grid polar = example().grid;
    polar.epsg = 3031;
    EXPECT_THROW(footprint(polar), Error);
}

TEST(Footprint, IsCutAtTheAntimeridian) {
    auto scene = example();
    scene.grid = {7000, 7000, 250005, 7300005, 30, 32601};
    for (const auto& [lon, lat] : footprint(scene.grid)) {
        EXPECT_GT(lon, 170);
        EXPECT_LT(lon, 190);
        EXPECT_GT(lat, 60);
    }
    EXPECT_NE(scene_json(scene).find("\"MultiPolygon\""), std::string::npos);
    EXPECT_NE(scene_json(example()).find("\"Polygon\""), std::string::npos);
    EXPECT_EQ(scene_json(example()).find("\"MultiPolygon\""), std::string::npos);
}

class AcSceneFolder : public ::testing::Test {
 protected:
    void SetUp() override {
        folder_ = stdfs::temp_directory_path() / ("hls_ac_" + std::to_string(::getpid()));
        stdfs::create_directories(folder_);
    }
    void TearDown() override { stdfs::remove_all(folder_); }
    stdfs::path folder_;
};

TEST_F(AcSceneFolder, IsReadThroughItsSceneJson) {
    std::ofstream(folder_ / "scene.json") << scene_json(example());
    for (const auto& layer : example().layers)
        std::ofstream(folder_ / ac_file_name(example().product_id, layer)) << "x";
    for (const auto& path : {folder_, folder_ / "scene.json"}) {
        const auto scene = read_ac_scene(path);
        expect_same(scene, example());
        EXPECT_EQ(scene.layer_path("AOT"), (folder_ / (scene.product_id + "_AOT.tif")).string());
    }
    stdfs::remove(folder_ / ac_file_name(example().product_id, "AOT"));
    EXPECT_THROW(read_ac_scene(folder_), Error);
}

TEST_F(AcSceneFolder, PathsThatAreNoScene) {
    const auto code_of = [](const stdfs::path& path) {
        try {
            read_ac_scene(path);
        } catch (const Error& error) {
            return error.code;
        }
        return Exit::ok;
    };
    EXPECT_EQ(code_of(folder_), Exit::bad_input);
    EXPECT_EQ(code_of(folder_ / "none"), Exit::missing_input);
    std::ofstream(folder_ / "file") << "x";
    EXPECT_EQ(code_of(folder_ / "file"), Exit::bad_input);
}

TEST(RealAcScene, FolderWithoutSceneJsonIsReadFromItsMtl) {
    const char* data = std::getenv("HLS_TEST_DATA");
    if (data == nullptr || !stdfs::exists(data)) GTEST_SKIP() << "HLS_TEST_DATA not there";
    const auto scene = read_ac_scene(stdfs::path(data) / "golden" / "l30_19LBJ" /
                                     "LC08_L1TP_003067_20200826_20200905_02_T1");
    EXPECT_EQ(scene.product_id, "LC08_L1TP_003067_20200826_20200905_02_T1");
    EXPECT_EQ(scene.sensor, "OLI_TIRS");
    EXPECT_EQ(scene.l1_software, "LPGS_15.3.1");
    EXPECT_EQ(scene.layers.size(), 16U);
    EXPECT_FALSE(scene.has("AOT"));
    EXPECT_EQ(scene.grid, io::RasterReader(scene.layer_path("SR_B4")).grid());
    EXPECT_EQ(scene.sun_elevation_deg, 53.9);
}

// The schemas are checked with python3-jsonschema, as a user would.
TEST_F(AcSceneFolder, ItemValidatesAgainstOurSchemaAndStac) {
    const stdfs::path source = HLS_SOURCE_DIR;
    const char* data = std::getenv("HLS_TEST_DATA");
    const std::string stac = data != nullptr && stdfs::exists(stdfs::path(data) / "stac")
                                 ? (stdfs::path(data) / "stac").string()
                                 : "-";
    std::ofstream(folder_ / "a.json") << scene_json(example());
    auto dateline = example();
    dateline.grid = {7000, 7000, 250005, 7300005, 30, 32601};
    std::ofstream(folder_ / "b.json") << scene_json(dateline);
    const auto check = [&](const std::string& item) {
        return std::system(fmt::format("{} {} {} {} 2>/dev/null",
                                       (source / "tests/unit/stac/validate_item.py").string(),
                                       (folder_ / item).string(), stac,
                                       (source / "share/schemas/ac-scene.schema.json").string())
                               .c_str());
    };
    EXPECT_EQ(check("a.json"), 0);
    EXPECT_EQ(check("b.json"), 0);
    auto text = scene_json(example());
    std::ofstream(folder_ / "c.json") << text.replace(text.find("hls:ULX"), 7, "hls:ULZ");
    EXPECT_NE(check("c.json"), 0) << "the schema must be able to refuse";
}

}  // namespace
}  // namespace hls::scene
