// SPDX-License-Identifier: Apache-2.0
// Sentinel-2 Level-1C products on disk: golden and real ones, small made ones, and what is wrong
// with them.
#include "scene/sentinel2_l1.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/error.hpp"

namespace hls::scene {
namespace {

namespace stdfs = std::filesystem;

stdfs::path data(std::string_view name) {
    const char* folder = std::getenv("HLS_TEST_DATA");
    return stdfs::path(folder ? folder : "../shared/data") / name;
}

Error error_of(const std::string& path, const Sentinel2L1Needs& needs = {}) {
    try {
        open_sentinel2_l1(path, needs);
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << path << " was opened";
    return Error{Exit::ok, ""};
}

constexpr std::string_view kId = "S2A_MSIL1C_20170101T100000_N0204_R001_T33XVG_20170101T120000";
constexpr int kRows60 = 4, kCols60 = 5;

// A SAFE folder of 240 x 300 m whose bands hold their index + 1 everywhere.
class SafeFolder {
 public:
    SafeFolder() : top_(stdfs::temp_directory_path() / fmt::format("s2l1-{}", ::getpid())) {
        stdfs::remove_all(top_);
        stdfs::create_directories(granule() / "IMG_DATA");
        stdfs::create_directories(granule() / "QI_DATA");
        write(folder() / "MTD_MSIL1C.xml",
              fmt::format("<n1:Level-1C_User_Product xmlns:n1='x'><n1:General_Info><Product_Info>"
                          "<PRODUCT_URI>{}.SAFE</PRODUCT_URI>"
                          "<PROCESSING_LEVEL>Level-1C</PROCESSING_LEVEL>"
                          "<PROCESSING_BASELINE>02.04</PROCESSING_BASELINE><Datatake>"
                          "<SPACECRAFT_NAME>Sentinel-2A</SPACECRAFT_NAME></Datatake></Product_Info>"
                          "<Product_Image_Characteristics><QUANTIFICATION_VALUE>10000"
                          "</QUANTIFICATION_VALUE></Product_Image_Characteristics>"
                          "</n1:General_Info></n1:Level-1C_User_Product>",
                          kId));
        write(granule() / "MTD_TL.xml", tile_xml());
        for (int band = 0; band < granule::kSentinel2Bands; ++band) write_band(band);
    }
    ~SafeFolder() { stdfs::remove_all(top_); }

    stdfs::path folder() const { return top_ / fmt::format("{}.SAFE", kId); }
    stdfs::path granule() const { return folder() / "GRANULE/L1C_T33XVG_A000001_20170101T100001"; }
    stdfs::path band(int index) const {
        return granule() / "IMG_DATA" /
               fmt::format("T33XVG_20170101T100000_{}.tif",
                           granule::sentinel2_bands()[static_cast<std::size_t>(index)].name);
    }
    static void write(const stdfs::path& path, std::string_view text) {
        std::ofstream(path, std::ios::binary) << text;
    }
    // Bands > 1 are written as files beside each other: RasterWriter makes single-band files.
    template <typename T>
    static void write_raster(const stdfs::path& path, const io::Grid& grid, const Plane<T>& plane,
                             io::PixelType type) {
        io::Layer layer;
        layer.type = type;
        io::RasterWriter writer(path.string(), grid, layer);
        writer.write_rows(0, plane.view());
        writer.close();
    }
    void write_band(int index, int factor = 1) const {
        const int pixel =
            granule::sentinel2_bands()[static_cast<std::size_t>(index)].resolution_m * factor;
        const io::Grid grid{kRows60 * 60 / pixel,
                            kCols60 * 60 / pixel,
                            399960,
                            8700000,
                            static_cast<double>(pixel),
                            32633};
        write_raster(
            band(index), grid,
            Plane<std::uint16_t>(grid.rows, grid.cols, static_cast<std::uint16_t>(index + 1)),
            io::PixelType::u16);
    }

 private:
    static std::string tile_xml() {
        std::string text =
            "<n1:Level-1C_Tile_ID xmlns:n1='x'><n1:General_Info>"
            "<TILE_ID>S2A_OPER_MSI_L1C_TL_SGS__20170101T120000_A000001_T33XVG_N02.04</TILE_ID>"
            "<DATASTRIP_ID>S2A_OPER_MSI_L1C_DS_SGS__20170101T120000_S20170101T100000_N02.04"
            "</DATASTRIP_ID><SENSING_TIME>2017-01-01T10:00:01.5Z</SENSING_TIME></n1:General_Info>"
            "<n1:Geometric_Info><Tile_Geocoding><HORIZONTAL_CS_NAME>WGS84 / UTM zone 33N"
            "</HORIZONTAL_CS_NAME><HORIZONTAL_CS_CODE>EPSG:32633</HORIZONTAL_CS_CODE>";
        for (const int m : granule::kSentinel2Resolutions)
            text += fmt::format(
                "<Size resolution='{0}'><NROWS>{1}</NROWS><NCOLS>{2}</NCOLS></Size><Geoposition "
                "resolution='{0}'><ULX>399960</ULX><ULY>8700000</ULY></Geoposition>",
                m, kRows60 * 60 / m, kCols60 * 60 / m);
        return text +
               "</Tile_Geocoding><Tile_Angles><Mean_Sun_Angle><ZENITH_ANGLE>70</ZENITH_ANGLE>"
               "<AZIMUTH_ANGLE>180</AZIMUTH_ANGLE></Mean_Sun_Angle></Tile_Angles>"
               "</n1:Geometric_Info></n1:Level-1C_Tile_ID>";
    }

    stdfs::path top_;
};

const Sentinel2L1Needs kNoDetectors{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, false};

TEST(Sentinel2L1, OpensASafeFolder) {
    const SafeFolder safe;
    const auto l1 = open_sentinel2_l1(safe.folder().string(), kNoDetectors);
    EXPECT_EQ(l1.layout, Sentinel2Layout::safe);
    EXPECT_EQ(l1.product_id, kId);
    EXPECT_EQ(l1.band_grid(3), (io::Grid{24, 30, 399960, 8700000, 10, 32633}));
    EXPECT_EQ(l1.grid(30).cols, 10);
    for (const int band : {0, 3, 8}) {
        const Sentinel2BandReader reader(l1, band);
        Plane<std::uint16_t> dn(reader.rows(), reader.cols());
        reader.read_rows(0, dn.view());
        EXPECT_EQ(dn(reader.rows() - 1, reader.cols() - 1), band + 1);
    }
    const auto by_file =
        open_sentinel2_l1((safe.folder() / "MTD_MSIL1C.xml").string(), kNoDetectors);
    EXPECT_EQ(by_file.product_id, l1.product_id);
}

TEST(Sentinel2L1, SaysWhatIsMissing) {
    const SafeFolder safe;
    const auto folder = safe.folder().string();
    EXPECT_EQ(error_of("no-such-folder").code, Exit::missing_input);
    const auto mask = error_of(folder);
    EXPECT_EQ(mask.code, Exit::bad_input);
    EXPECT_NE(mask.message.find("MSK_DETFOO_B06"), std::string::npos) << mask.message;
    safe.write_band(11, 3);
    const auto decimated = error_of(folder, kNoDetectors);
    EXPECT_EQ(decimated.code, Exit::bad_input);
    EXPECT_NE(decimated.message.find("4 x 5 pixels"), std::string::npos) << decimated.message;
    EXPECT_NE(decimated.message.find("12 x 15"), std::string::npos) << decimated.message;
    stdfs::remove(safe.band(11));
    const auto missing = error_of(folder, kNoDetectors);
    EXPECT_EQ(missing.code, Exit::bad_input);
    EXPECT_NE(missing.message.find("missing band B11"), std::string::npos) << missing.message;
    stdfs::remove(safe.granule() / "MTD_TL.xml");
    EXPECT_EQ(error_of(folder, kNoDetectors).code, Exit::bad_input);
}

TEST(Sentinel2L1, TakesDetectorsFromARasterByCentres) {
    const SafeFolder safe;
    Plane<std::uint8_t> mask(12, 15, 0);
    for (int r = 0; r < 12; ++r)
        for (int c = 0; c < 15; ++c) mask(r, c) = static_cast<std::uint8_t>(1 + (r * 15 + c) % 12);
    SafeFolder::write_raster(safe.granule() / "QI_DATA/MSK_DETFOO_B06.tif",
                             {12, 15, 399960, 8700000, 20, 32633}, mask, io::PixelType::u8);
    const auto l1 = open_sentinel2_l1(safe.folder().string(), kNoDetectors);
    const auto ids = read_detectors(l1, kSentinel2AngleBand, 30);
    ASSERT_EQ(ids.rows(), 8);
    ASSERT_EQ(ids.cols(), 10);
    for (int r = 0; r < 8; ++r)
        for (int c = 0; c < 10; ++c)
            EXPECT_EQ(ids(r, c),
                      mask(static_cast<int>((r + .5) * 1.5), static_cast<int>((c + .5) * 1.5)));
    EXPECT_EQ(read_detectors(l1, kSentinel2AngleBand, 20).cells(), mask.cells());
    EXPECT_EQ(read_detectors(l1, kSentinel2AngleBand, 10)(23, 29), mask(11, 14));
}

TEST(Sentinel2L1, GoldenFlatFolderOpens) {
    const auto folder =
        data("golden/lasrc_sentinel2/S2A_MSIL1C_20200629T180000_N0209_R127_T11TMK_20200629T220000");
    if (!stdfs::exists(folder)) GTEST_SKIP() << folder;
    const auto l1 = open_sentinel2_l1(folder.string(), kNoDetectors);
    EXPECT_EQ(l1.layout, Sentinel2Layout::flat);
    EXPECT_EQ(l1.tile.mean_views[0].zenith_deg, 5.375);
    EXPECT_EQ(l1.tile.mean_views[0].azimuth_deg, 104.5);
    EXPECT_EQ(error_of(folder.string()).code, Exit::bad_input);
}

TEST(Sentinel2L1, RealDecimatedPackagesAreRefusedNotMisread) {
    for (const auto* name :
         {"S2A_MSIL1C_20171207T002051_N0206_R116_T55JEJ_20171207T032513.zip",
          "S2B_OPER_MSI_L1C_TL_EPAE_20180617T013729_A006677_T55JGF_N02.06.AWSPDS.zip"}) {
        const auto zip = data("sentinel2") / name;
        if (!stdfs::exists(zip)) GTEST_SKIP() << zip;
        const auto error = error_of(zip.string());
        EXPECT_EQ(error.code, Exit::bad_input);
        EXPECT_NE(error.message.find("1830 x 1830 at 60 m"), std::string::npos) << error.message;
        // Metadata and masks alone can be had.
        const auto l1 = open_sentinel2_l1(zip.string(), {{}, true});
        const auto ids = read_detectors(l1, kSentinel2AngleBand, 60);
        EXPECT_GE(ids(900, 400), 1);
        EXPECT_LE(ids(900, 400), 12);
        EXPECT_EQ(signed_utm_grid(l1.grid(10)).epsg, 32655);
        EXPECT_EQ(signed_utm_grid(l1.grid(10)).uly_m, l1.grid(10).uly_m - 1e7);
    }
}

TEST(Sentinel2L1, MetadataOnlyProductLacksBands) {
    const auto safe =
        data("sentinel2/S2A_MSIL1C_20210908T042701_N0301_R133_T46RER_20210908T070248.SAFE");
    if (!stdfs::exists(safe)) GTEST_SKIP() << safe;
    EXPECT_NE(error_of(safe.string()).message.find("missing band B01"), std::string::npos);
    EXPECT_EQ(open_sentinel2_l1(safe.string(), {{}, false}).product.baseline.major, 3);
}

TEST(Sentinel2Footprints, RasterizeAsTheReferenceDoes) {
    const auto folder = data("golden/s30/angles_full");
    if (!stdfs::exists(folder)) GTEST_SKIP() << folder;
    std::ifstream in(folder / "MSK_DETFOO_B06.gml");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto expected =
        io::RasterReader((folder / "expected_detector_gml_30m.tif").string()).read<std::uint8_t>();
    Plane<std::uint8_t> ids(expected.rows(), expected.cols());
    std::ifstream tile_in(folder / "MTD_TL.xml");
    const std::string tile_text{std::istreambuf_iterator<char>(tile_in), {}};
    const auto tile = granule::parse_sentinel2_tile(tile_text, "MTD_TL.xml");
    const auto& ten = tile.geoposition.at(10);
    rasterize_footprints(granule::parse_detector_footprints(text, "gml"), ten.ulx_m, ten.uly_m, 30,
                         ids.view());
    EXPECT_TRUE(ids.cells() == expected.cells());
}

}  // namespace
}  // namespace hls::scene
