// SPDX-License-Identifier: Apache-2.0
// Landsat names and metadata: real MTL files, and every way one can be wrong.
#include "granule/landsat.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/error.hpp"

namespace hls::granule {
namespace {

namespace stdfs = std::filesystem;
using namespace std::chrono;

constexpr const char* kMtl = R"(GROUP = LANDSAT_METADATA_FILE
  GROUP = PRODUCT_CONTENTS
    LANDSAT_PRODUCT_ID = "LC08_L1TP_042029_20200629_20200708_02_T1"
    PROCESSING_LEVEL = "L1TP"
    COLLECTION_NUMBER = 02
    COLLECTION_CATEGORY = "T1"
    FILE_NAME_BAND_1 = "LC08_L1TP_042029_20200629_20200708_02_T1_B1.TIF"
    FILE_NAME_BAND_2 = "../B2.TIF"
  END_GROUP = PRODUCT_CONTENTS
  GROUP = IMAGE_ATTRIBUTES
    SPACECRAFT_ID = "LANDSAT_8"
    SENSOR_ID = "OLI_TIRS"
    WRS_PATH = 42
    WRS_ROW = 29
    DATE_ACQUIRED = 2020-06-29
    SCENE_CENTER_TIME = "18:00:01.1234567Z"
    CLOUD_COVER = 12.50
    SUN_AZIMUTH = -35.5
    SUN_ELEVATION = 57.5
  END_GROUP = IMAGE_ATTRIBUTES
  GROUP = PROJECTION_ATTRIBUTES
    MAP_PROJECTION = "UTM"
    DATUM = "WGS84"
    UTM_ZONE = 11
    GRID_CELL_SIZE_REFLECTIVE = 30.00
    REFLECTIVE_LINES = 600
    REFLECTIVE_SAMPLES = 601
    THERMAL_LINES = 600
    THERMAL_SAMPLES = 601
    ORIENTATION = "NORTH_UP"
    CORNER_UL_PROJECTION_X_PRODUCT = 400015.000
    CORNER_UL_PROJECTION_Y_PRODUCT = -4999985.000
  END_GROUP = PROJECTION_ATTRIBUTES
  GROUP = LEVEL1_RADIOMETRIC_RESCALING
    RADIANCE_MULT_BAND_10 = 3.3420E-04
    RADIANCE_ADD_BAND_10 = 0.10000
    REFLECTANCE_MULT_BAND_1 = 2.0000E-05
    REFLECTANCE_ADD_BAND_1 = -0.100000
    REFLECTANCE_MULT_BAND_2 = 2.0000E-05
  END_GROUP = LEVEL1_RADIOMETRIC_RESCALING
  GROUP = LEVEL1_THERMAL_CONSTANTS
    K1_CONSTANT_BAND_10 = 774.8853
    K2_CONSTANT_BAND_10 = 1321.0789
  END_GROUP = LEVEL1_THERMAL_CONSTANTS
END_GROUP = LANDSAT_METADATA_FILE
END
)";

std::string with(std::string_view from, std::string_view to) {
    std::string text = kMtl;
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

std::string without_key(std::string_view key) {
    std::string text = kMtl;
    const auto at = text.find(std::string(key) + " =");
    EXPECT_NE(at, std::string::npos) << key;
    return text.erase(at, text.find('\n', at) - at);
}

// The message of the bad_input error that parsing must end in.
std::string refusal(std::string_view text, MtlUse use = MtlUse::level1) {
    try {
        parse_landsat_mtl(text, "x_MTL.txt", use);
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::bad_input);
        EXPECT_TRUE(error.message.starts_with("x_MTL.txt: ")) << error.message;
        EXPECT_EQ(error.message.find('\n'), std::string::npos);
        return error.message;
    }
    ADD_FAILURE() << "accepted";
    return "";
}

TEST(LandsatProductId, ParsesAndFormats) {
    for (const char* text :
         {"LC08_L1TP_020039_20150804_20200908_02_T1", "LO08_L1GT_233248_20240229_20240301_02_T2",
          "LC09_L1TP_112081_20220209_20220209_02_RT"}) {
        const auto id = parse_landsat_product_id(text);
        ASSERT_TRUE(id.has_value()) << text;
        EXPECT_EQ(format_landsat_product_id(*id), text);
    }
    const auto id = *parse_landsat_product_id("LC09_L1TP_112081_20220209_20220210_02_T1");
    EXPECT_EQ(id.satellite, 9);
    EXPECT_EQ(id.wrs_path, 112);
    EXPECT_EQ(id.wrs_row, 81);
    EXPECT_EQ(id.acquired, 2022y / February / 9);
    EXPECT_EQ(id.processed, 2022y / February / 10);
    EXPECT_EQ(id.collection, 2);
    EXPECT_EQ(id.category, "T1");
}

TEST(LandsatProductId, RefusesEverythingElse) {
    for (const char* text :
         {"", "LC08", "LC08_L1TP_020039_20150804_20200908_02_T1 ",
          "LC08_L1TP_020039_20150804_20200908_02_T3", "LC07_L1TP_020039_20150804_20200908_02_T1",
          "LX08_L1TP_020039_20150804_20200908_02_T1", "LC08_L1XX_020039_20150804_20200908_02_T1",
          "LC08_L1TP_234039_20150804_20200908_02_T1", "LC08_L1TP_000039_20150804_20200908_02_T1",
          "LC08_L1TP_020249_20150804_20200908_02_T1", "LC08_L1TP_020039_20150230_20200908_02_T1",
          "LC08_L1TP_020039_20150804_20201308_02_T1", "LC08-L1TP_020039_20150804_20200908_02_T1",
          "LC08_L1TP_-20039_20150804_20200908_02_T1", "LC08_L1TP_02 039_20150804_20200908_02_T1",
          "LC80200392015216LGN00"})
        EXPECT_FALSE(parse_landsat_product_id(text).has_value()) << text;
}

TEST(LandsatMtl, ReadsTypedValues) {
    const auto m = parse_landsat_mtl(kMtl, "x_MTL.txt");
    EXPECT_EQ(m.product_id, "LC08_L1TP_042029_20200629_20200708_02_T1");
    EXPECT_EQ(m.spacecraft, "LANDSAT_8");
    EXPECT_EQ(m.wrs_path, 42);
    EXPECT_EQ(m.sensing_time, parse_utc("2020-06-29T18:00:01.123456Z"));
    EXPECT_EQ(m.sensing_time_text, "2020-06-29T18:00:01.1234567Z");
    EXPECT_EQ(m.sun_azimuth_deg, -35.5);
    EXPECT_EQ(m.sun_zenith_deg(), 32.5);
    EXPECT_EQ(m.cloud_cover_percent, 12.5);
    EXPECT_EQ(m.epsg(), 32611);
    EXPECT_EQ(m.ul_outer_x_m(), 400000);
    EXPECT_EQ(m.ul_outer_y_m(), -4999970);
    EXPECT_EQ(m.reflective, (RasterSize{600, 601}));
    EXPECT_EQ(m.thermal, (RasterSize{600, 601}));
    EXPECT_FALSE(m.pan.has_value());
    EXPECT_EQ(m.reflectance(1).mult, 2e-5);
    EXPECT_EQ(m.reflectance(1).add, -0.1);
    EXPECT_EQ(m.radiance(10).mult, 3.342e-4);
    EXPECT_EQ(m.thermal_constants(10).k2, 1321.0789);
    EXPECT_EQ(m.file_name("BAND_1"), "LC08_L1TP_042029_20200629_20200708_02_T1_B1.TIF");
}

TEST(LandsatMtl, NamesTheFileAndTheKeyItLacks) {
    for (const char* key : {"LANDSAT_PRODUCT_ID",
                            "PROCESSING_LEVEL",
                            "COLLECTION_NUMBER",
                            "COLLECTION_CATEGORY",
                            "SPACECRAFT_ID",
                            "SENSOR_ID",
                            "WRS_PATH",
                            "WRS_ROW",
                            "DATE_ACQUIRED",
                            "SCENE_CENTER_TIME",
                            "SUN_AZIMUTH",
                            "SUN_ELEVATION",
                            "MAP_PROJECTION",
                            "DATUM",
                            "UTM_ZONE",
                            "GRID_CELL_SIZE_REFLECTIVE",
                            "REFLECTIVE_LINES",
                            "REFLECTIVE_SAMPLES",
                            "THERMAL_SAMPLES",
                            "CORNER_UL_PROJECTION_X_PRODUCT",
                            "CORNER_UL_PROJECTION_Y_PRODUCT"})
        EXPECT_EQ(refusal(without_key(key)), std::string("x_MTL.txt: key ") + key + " is missing");
}

TEST(LandsatMtl, CalibrationThatIsMissingIsNamedWhenAskedFor) {
    const auto m = parse_landsat_mtl(kMtl, "x_MTL.txt");
    try {
        m.reflectance(2);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::bad_input);
        EXPECT_EQ(error.message, "x_MTL.txt: key REFLECTANCE_ADD_BAND_2 is missing");
    }
    EXPECT_THROW(m.radiance(11), Error);
    EXPECT_THROW(m.thermal_constants(11), Error);
    EXPECT_THROW(m.file_name("BAND_3"), Error);
    EXPECT_THROW(m.file_name("BAND_2"), Error) << "must not leave the folder";
    EXPECT_FALSE(m.has_file_name("BAND_3"));
}

TEST(LandsatMtl, RefusesImpossibleValues) {
    refusal(with("SUN_ELEVATION = 57.5", "SUN_ELEVATION = 157.5"));
    refusal(with("SUN_ELEVATION = 57.5", "SUN_ELEVATION = nan"));
    refusal(with("UTM_ZONE = 11", "UTM_ZONE = 61"));
    refusal(with("UTM_ZONE = 11", "UTM_ZONE = -11"));
    refusal(with("REFLECTIVE_LINES = 600", "REFLECTIVE_LINES = 0"));
    refusal(with("REFLECTIVE_LINES = 600", "REFLECTIVE_LINES = 99999999999999999999"));
    refusal(with("\"UTM\"", "\"LAMBERT\""));
    refusal(with("DATE_ACQUIRED = 2020-06-29", "DATE_ACQUIRED = 2020-06-31"));
    refusal(with("DATUM = \"WGS84\"", "DATUM = \"NAD27\""));
}

TEST(LandsatMtl, RefusesOtherCollections) {
    EXPECT_NE(
        refusal(with("COLLECTION_NUMBER = 02", "COLLECTION_NUMBER = 01")).find("collection 01"),
        std::string::npos);
    EXPECT_NE(refusal(with("20200708_02_T1\"", "20200708_01_T1\"")).find("collection 01"),
              std::string::npos);
    // A Collection 1 file also lacks keys of Collection 2: the collection is what must be named.
    EXPECT_NE(refusal("GROUP = L1_METADATA_FILE\n GROUP = METADATA_FILE_INFO\n"
                      "  LANDSAT_PRODUCT_ID = \"LC08_L1TP_042029_20200629_20200708_01_T1\"\n"
                      "  COLLECTION_NUMBER = 01\n END_GROUP = METADATA_FILE_INFO\n"
                      "END_GROUP = L1_METADATA_FILE\nEND\n")
                  .find("collection 01"),
              std::string::npos);
}

TEST(LandsatMtl, RefusesTextThatIsNoMtl) {
    refusal("");
    refusal("hello\n");
    refusal("GROUP = A\nEND_GROUP = B\nEND\n");
    refusal("KEY = \"open\n");
    refusal("KEY = (1, 2\n");
    refusal("<html><body>404</body></html>");
    refusal("<a><b></a>");
    refusal(std::string(5 << 20, ' '));
    std::string deep;
    for (int i = 0; i < 20; ++i) deep += "GROUP = A\n";
    refusal(deep);
    const std::string whole = kMtl;
    EXPECT_NE(refusal(whole.substr(0, whole.size() * 3 / 4)), "");
}

TEST(LandsatMtl, PolarStereographicHasNoZone) {
    const auto m = parse_landsat_mtl(with("\"UTM\"", "\"PS\""), "x_MTL.txt");
    EXPECT_EQ(m.projection, MapProjection::polar_stereographic);
    EXPECT_EQ(m.epsg(), 3031);
}

TEST(LandsatMtl, LineEndsOfWindowsAndByteOrderMark) {
    std::string text = "\xEF\xBB\xBF";
    for (const char c : std::string(kMtl))
        text += c == '\n' ? std::string("\r\n") : std::string(1, c);
    EXPECT_EQ(parse_landsat_mtl(text, "x_MTL.txt").sun_elevation_deg, 57.5);
}

class RealMtl : public ::testing::Test {
 protected:
    void SetUp() override {
        const char* folder = std::getenv("HLS_TEST_DATA");
        if (folder == nullptr || !stdfs::exists(folder)) GTEST_SKIP() << "HLS_TEST_DATA not there";
        data_ = folder;
    }
    static LandsatMetadata read(const stdfs::path& path, MtlUse use = MtlUse::level1) {
        std::ifstream in(path, std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        return parse_landsat_mtl(text, path.string(), use);
    }
    stdfs::path data_;
};

TEST_F(RealMtl, EveryLandsatProductParses) {
    int count = 0;
    for (const auto& folder : {data_ / "landsat", data_ / "golden" / "lasrc_landsat"})
        for (const auto& entry : stdfs::recursive_directory_iterator(folder)) {
            if (!entry.path().filename().string().ends_with("_MTL.txt")) continue;
            const auto m = read(entry.path());
            EXPECT_EQ(m.level, "L1TP");
            EXPECT_TRUE(entry.path().filename().string().starts_with(m.product_id));
            for (const int band : {1, 2, 3, 4, 5, 6, 7, 9}) EXPECT_GT(m.reflectance(band).mult, 0);
            for (const int band : {10, 11}) {
                EXPECT_GT(m.radiance(band).mult, 0);
                EXPECT_GT(m.thermal_constants(band).k1, 0);
            }
            ++count;
        }
    EXPECT_EQ(count, 5);
}

TEST_F(RealMtl, XmlSaysTheSameAsText) {
    const std::string id = "LC09_L1TP_112081_20220209_20220209_02_T1";
    const auto folder = data_ / "landsat" / id;
    const auto a = read(folder / (id + "_MTL.txt"));
    const auto b = read(folder / (id + "_MTL.xml"));
    EXPECT_EQ(a.keys, b.keys);
    EXPECT_EQ(a.sensing_time, b.sensing_time);
    EXPECT_EQ(a.scene_id, "LC91120812022040LGN00");
    EXPECT_EQ(a.software, "LPGS_15.6.0");
    EXPECT_EQ(a.processing_time_text, "2022-02-09T04:08:31Z");
    EXPECT_EQ(a.reflective, (RasterSize{7781, 7721}));
    EXPECT_EQ(a.pan, (RasterSize{15561, 15441}));
}

TEST_F(RealMtl, ShortMtlOfAnAcSceneFollowsFromItsId) {
    const std::string id = "LC08_L1TP_003068_20200826_20200905_02_T1";
    const auto path = data_ / "golden" / "l30_19LBJ" / id / (id + "_MTL.txt");
    EXPECT_THROW(read(path), Error);
    const auto m = read(path, MtlUse::ac_scene);
    EXPECT_EQ(m.spacecraft, "LANDSAT_8");
    EXPECT_EQ(m.wrs_path, 3);
    EXPECT_EQ(m.wrs_row, 68);
    EXPECT_EQ(m.category, "T1");
    EXPECT_EQ(m.tirs_ssm_position_status, "ESTIMATED");
    EXPECT_EQ(m.ul_outer_y_m(), -1129785);
}

}  // namespace
}  // namespace hls::granule
