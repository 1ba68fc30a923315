// SPDX-License-Identifier: Apache-2.0
// Landsat Level-1 products on disk: real ones, small made ones, and what is wrong with them.
#include "scene/landsat_l1.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include "core/error.hpp"

namespace hls::scene {
namespace {

namespace stdfs = std::filesystem;

constexpr std::string_view kId = "LC08_L1TP_042029_20200629_20200708_02_T1";
constexpr io::Grid kGrid{20, 30, 399985, -1200015, 30, 32611};

std::string mtl_text(std::string_view id = kId) {
    std::string text = fmt::format(
        "GROUP = LANDSAT_METADATA_FILE\nLANDSAT_PRODUCT_ID = \"{}\"\nPROCESSING_LEVEL = \"{}\"\n"
        "COLLECTION_NUMBER = 02\nCOLLECTION_CATEGORY = \"{}\"\nSPACECRAFT_ID = \"LANDSAT_8\"\n"
        "SENSOR_ID = \"OLI_TIRS\"\nWRS_PATH = 42\nWRS_ROW = 29\nDATE_ACQUIRED = 2020-06-29\n"
        "SCENE_CENTER_TIME = \"18:00:00.0000000Z\"\nSUN_AZIMUTH = 135.0\nSUN_ELEVATION = 57.5\n"
        "MAP_PROJECTION = \"UTM\"\nDATUM = \"WGS84\"\nUTM_ZONE = 11\n"
        "GRID_CELL_SIZE_REFLECTIVE = 30.00\nREFLECTIVE_LINES = 20\nREFLECTIVE_SAMPLES = 30\n"
        "THERMAL_LINES = 20\nTHERMAL_SAMPLES = 30\n"
        "CORNER_UL_PROJECTION_X_PRODUCT = 400000.000\n"
        "CORNER_UL_PROJECTION_Y_PRODUCT = -1200030.000\n",
        id, id.substr(5, 4), id.substr(38, 2));
    for (const int band : {4, 10})
        text += fmt::format("FILE_NAME_BAND_{} = \"{}_B{}.TIF\"\n", band, kId, band);
    text +=
        "REFLECTANCE_MULT_BAND_4 = 2.0E-05\nREFLECTANCE_ADD_BAND_4 = -0.1\n"
        "RADIANCE_MULT_BAND_10 = 3.342E-04\nRADIANCE_ADD_BAND_10 = 0.1\n"
        "K1_CONSTANT_BAND_10 = 774.8853\nK2_CONSTANT_BAND_10 = 1321.0789\n";
    text += fmt::format("FILE_NAME_QUALITY_L1_PIXEL = \"{}_QA_PIXEL.TIF\"\n", kId);
    const char* angles[][2] = {{"SOLAR_ZENITH", "SZA"},
                               {"SOLAR_AZIMUTH", "SAA"},
                               {"SENSOR_ZENITH", "VZA"},
                               {"SENSOR_AZIMUTH", "VAA"}};
    for (const auto& [key, name] : angles)
        text += fmt::format("FILE_NAME_ANGLE_{}_BAND_4 = \"{}_{}.TIF\"\n", key, kId, name);
    return text + "END_GROUP = LANDSAT_METADATA_FILE\nEND\n";
}

template <typename T>
void write_raster(const stdfs::path& path, const io::Grid& grid, io::PixelType type) {
    io::Layer layer;
    layer.type = type;
    const Plane<T> plane(grid.rows, grid.cols, T{7});
    io::RasterWriter writer(path.string(), grid, layer);
    writer.write_rows(0, plane.view());
    writer.close();
}

class LandsatL1Test : public ::testing::Test {
 protected:
    void SetUp() override {
        folder_ = stdfs::temp_directory_path() / ("hls_l1_" + std::to_string(::getpid()));
        stdfs::create_directories(folder_);
        write_mtl(mtl_text());
        for (const char* name : {"B4", "B10", "QA_PIXEL"})
            write_raster<std::uint16_t>(file(name), kGrid, io::PixelType::u16);
        for (const char* name : {"SZA", "SAA", "VZA", "VAA"})
            write_raster<std::int16_t>(file(name), kGrid, io::PixelType::i16);
        needs_.bands = {4, 10};
    }
    void TearDown() override { stdfs::remove_all(folder_); }

    stdfs::path file(std::string_view name) const {
        return folder_ / fmt::format("{}_{}.TIF", kId, name);
    }
    stdfs::path mtl() const { return folder_ / fmt::format("{}_MTL.txt", kId); }
    void write_mtl(const std::string& text) const { std::ofstream(mtl()) << text; }
    Error error_of(const std::string& path) const {
        try {
            open_landsat_l1(path, needs_);
        } catch (const Error& error) {
            EXPECT_EQ(error.message.find('\n'), std::string::npos);
            return error;
        }
        return Error{Exit::ok, "opened"};
    }
    Error error() const { return error_of(folder_.string()); }

    stdfs::path folder_;
    LandsatL1Needs needs_;
};

TEST_F(LandsatL1Test, OpensAFolderAndAnMtl) {
    for (const auto& path : {folder_.string(), folder_.string() + "/", mtl().string()}) {
        const auto scene = open_landsat_l1(path, needs_);
        EXPECT_EQ(scene.metadata.product_id, kId);
        EXPECT_EQ(scene.grid, kGrid);
        const io::RasterReader band(scene.band_path(4));
        EXPECT_EQ(band.read<std::uint16_t>()(5, 5), 7);
        EXPECT_TRUE(scene.angle_path(LandsatAngle::vaa).ends_with("_VAA.TIF"));
        EXPECT_TRUE(scene.qa_pixel_path().ends_with("_QA_PIXEL.TIF"));
    }
}

TEST_F(LandsatL1Test, OpensATar) {
    int count = 0;
    for (const char* options : {"-C {0} .", "-C {0}/.. $(basename {0})"}) {
        const auto tar = fmt::format("{}_{}.tar", folder_.string(), count++);
        const auto command =
            fmt::format("tar cf {} ", tar) + fmt::format(fmt::runtime(options), folder_.string());
        ASSERT_EQ(std::system(command.c_str()), 0);
        const auto scene = open_landsat_l1(tar, needs_);
        EXPECT_EQ(scene.grid, kGrid);
        EXPECT_EQ(io::RasterReader(scene.band_path(4)).read<std::uint16_t>()(5, 5), 7);
        stdfs::remove(tar);
    }
}

TEST_F(LandsatL1Test, OpensAnXmlMtl) {
    std::string xml = "<LANDSAT_METADATA_FILE><A>";
    std::istringstream lines(mtl_text());
    for (std::string line; std::getline(lines, line);) {
        const auto equals = line.find(" = ");
        if (line.find("GROUP") == 0 || line.find("END") == 0) continue;
        auto value = line.substr(equals + 3);
        std::erase(value, '"');
        const auto key = line.substr(0, equals);
        xml += fmt::format("<{}>{}</{}>", key, value, key);
    }
    stdfs::remove(mtl());
    std::ofstream(folder_ / fmt::format("{}_MTL.xml", kId))
        << xml << "</A></LANDSAT_METADATA_FILE>";
    EXPECT_EQ(open_landsat_l1(folder_.string(), needs_).grid, kGrid);
}

TEST_F(LandsatL1Test, MissingBandIs65AndNamed) {
    stdfs::remove(file("B4"));
    EXPECT_EQ(error().code, Exit::bad_input);
    EXPECT_NE(error().message.find("missing band 4"), std::string::npos) << error().message;
    EXPECT_NE(error().message.find("_B4.TIF"), std::string::npos);
    needs_.bands = {10};
    EXPECT_EQ(error().code, Exit::ok) << "what is not needed may be absent";
}

TEST_F(LandsatL1Test, MissingKeyOfANeededBandIs65AndNamed) {
    for (const std::string key :
         {"REFLECTANCE_ADD_BAND_4", "RADIANCE_MULT_BAND_10", "K2_CONSTANT_BAND_10",
          "FILE_NAME_BAND_4", "FILE_NAME_ANGLE_SOLAR_ZENITH_BAND_4"}) {
        auto text = mtl_text();
        const auto at = text.find(key + " = ");
        write_mtl(text.erase(at, text.find('\n', at) + 1 - at));
        EXPECT_EQ(error().code, Exit::bad_input);
        EXPECT_NE(error().message.find("_MTL.txt: key " + key + " is missing"), std::string::npos)
            << error().message;
    }
}

TEST_F(LandsatL1Test, MissingQaOrAngleIs65UnlessNotNeeded) {
    stdfs::remove(file("QA_PIXEL"));
    stdfs::remove(file("SAA"));
    EXPECT_EQ(error().code, Exit::bad_input);
    needs_.qa_pixel = false;
    EXPECT_NE(error().message.find("_SAA.TIF"), std::string::npos) << error().message;
    needs_.angles = false;
    EXPECT_EQ(error().code, Exit::ok);
}

TEST_F(LandsatL1Test, OtherSizeIs65AndNamesBoth) {
    write_raster<std::uint16_t>(file("B4"), {21, 30, 399985, -1200015, 30, 32611},
                                io::PixelType::u16);
    EXPECT_EQ(error().code, Exit::bad_input);
    EXPECT_NE(error().message.find("21 lines x 30 samples"), std::string::npos) << error().message;
    EXPECT_NE(error().message.find("20 x 30"), std::string::npos) << error().message;
}

TEST_F(LandsatL1Test, OtherPlaceZoneOrTypeIs65) {
    auto grid = kGrid;
    grid.ulx_m += 15;
    write_raster<std::uint16_t>(file("B4"), grid, io::PixelType::u16);
    EXPECT_EQ(error().code, Exit::bad_input);
    grid = kGrid;
    grid.epsg = 32612;
    write_raster<std::uint16_t>(file("B4"), grid, io::PixelType::u16);
    EXPECT_EQ(error().code, Exit::bad_input);
    write_raster<std::uint8_t>(file("B4"), kGrid, io::PixelType::u8);
    EXPECT_NE(error().message.find("uint8"), std::string::npos) << error().message;
}

TEST_F(LandsatL1Test, CorruptBandIs65) {
    std::ofstream(file("B4")) << "no raster";
    EXPECT_EQ(error().code, Exit::bad_input);
    EXPECT_NE(error().message.find("_B4.TIF"), std::string::npos);
}

TEST_F(LandsatL1Test, LevelsAndTiersThatAreNotAcceptedAre7) {
    write_mtl(mtl_text("LC08_L1GT_042029_20200629_20200708_02_T2"));
    EXPECT_EQ(error().code, Exit::not_accepted);
    needs_.accept = {"T2"};
    EXPECT_EQ(error().code, Exit::not_accepted);
    needs_.accept = {"L1GT"};
    EXPECT_EQ(error().code, Exit::ok);
    write_mtl(mtl_text("LC08_L1TP_042029_20200629_20200708_02_T2"));
    EXPECT_EQ(error().code, Exit::not_accepted);
    needs_.accept = {"T2"};
    EXPECT_EQ(error().code, Exit::ok);
    needs_.accept = {};
    write_mtl(mtl_text("LC08_L1TP_042029_20200629_20200708_02_RT"));
    EXPECT_EQ(error().code, Exit::ok);
}

TEST_F(LandsatL1Test, PolarStereographicIs7) {
    auto text = mtl_text();
    text.replace(text.find("\"UTM\""), 5, "\"PS\"");
    write_mtl(text);
    EXPECT_EQ(error().code, Exit::not_accepted);
    EXPECT_NE(error().message.find("polar stereographic"), std::string::npos);
}

TEST_F(LandsatL1Test, PathsThatAreNoProduct) {
    EXPECT_EQ(error_of("/no/such/folder").code, Exit::missing_input);
    EXPECT_EQ(error_of(file("B4").string()).code, Exit::bad_input);
    stdfs::copy(mtl(), folder_ / "OTHER_MTL.txt");
    EXPECT_NE(error().message.find("more than one"), std::string::npos) << error().message;
    stdfs::remove(folder_ / "OTHER_MTL.txt");
    stdfs::remove(mtl());
    EXPECT_EQ(error().code, Exit::bad_input);
    EXPECT_NE(error().message.find("_MTL.txt"), std::string::npos);
}

class RealLandsatL1Test : public ::testing::Test {
 protected:
    void SetUp() override {
        const char* folder = std::getenv("HLS_TEST_DATA");
        if (folder == nullptr || !stdfs::exists(folder)) GTEST_SKIP() << "HLS_TEST_DATA not there";
        data_ = folder;
    }
    std::string data_;
};

TEST_F(RealLandsatL1Test, MainSceneAndGoldenCaseOpen) {
    LandsatL1Needs needs;
    needs.bands = {1, 2, 3, 4, 5, 6, 7, 9, 10, 11};
    const auto scene =
        open_landsat_l1(data_ + "/landsat/LC08_L1TP_020039_20150804_20200908_02_T1", needs);
    EXPECT_EQ(scene.grid, (io::Grid{603, 627, 452475, 3408645, 30, 32616}));
    const auto golden = open_landsat_l1(
        data_ + "/golden/lasrc_landsat/LC08_L1TP_042029_20200629_20200708_02_T1", needs);
    EXPECT_EQ(golden.grid, (io::Grid{600, 600, 400000, 5000000, 30, 32611}));
}

TEST_F(RealLandsatL1Test, DecimatedSceneIsRefusedNamingBothSizes) {
    LandsatL1Needs needs;
    needs.bands = {2};
    try {
        open_landsat_l1(data_ + "/landsat/LC09_L1TP_112081_20220209_20220209_02_T1", needs);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::bad_input);
        EXPECT_NE(error.message.find("60 lines x 60"), std::string::npos) << error.message;
        EXPECT_NE(error.message.find("7781 x 7721"), std::string::npos) << error.message;
    }
}

TEST_F(RealLandsatL1Test, CropWithoutGeoreferencingLiesWhereItsMtlSays) {
    LandsatL1Needs needs;
    needs.bands = {2, 3, 4, 5, 6, 7};
    needs.qa_pixel = needs.angles = false;
    const auto scene = open_landsat_l1(data_ + "/landsat/crop_227074_20190809", needs);
    EXPECT_EQ(scene.grid, (io::Grid{901, 667, 440985, -2188005, 30, 32621}));
    needs.bands = {1, 2};
    EXPECT_THROW(open_landsat_l1(data_ + "/landsat/crop_227074_20190809", needs), Error);
}

}  // namespace
}  // namespace hls::scene
