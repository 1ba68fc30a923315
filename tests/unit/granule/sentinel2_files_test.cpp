// SPDX-License-Identifier: Apache-2.0
// Which files a Sentinel-2 product has, by its own metadata.
#include "granule/sentinel2_files.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/error.hpp"

namespace hls::granule {
namespace {

std::string product_xml(const std::string& granules) {
    return "<n1:Level-1C_User_Product xmlns:n1=\"x\"><Granule_List>" + granules +
           "</Granule_List></n1:Level-1C_User_Product>";
}

std::string granule(const std::string& folder, int bands = 13) {
    std::string text =
        "<Granule datastripIdentifier=\"S2A_OPER_MSI_L1C_DS_VGS4_20210908T070248_S20210908T043714_"
        "N03.01\">";
    const char* names[] = {"B01", "B02", "B03", "B04", "B05", "B06", "B07",
                           "B08", "B8A", "B09", "B10", "B11", "B12"};
    for (int i = 0; i < bands; ++i)
        text += "<IMAGE_FILE>" + folder + "/IMG_DATA/T46RER_x_" + names[i] + "</IMAGE_FILE>";
    return text + "</Granule>";
}

TEST(Sentinel2Files, NamesOfTheGranule) {
    const auto files = parse_sentinel2_files(product_xml(granule("GRANULE/L1C_T46RER")), "x");
    EXPECT_EQ(files.granule_folder, "GRANULE/L1C_T46RER");
    EXPECT_EQ(files.datastrip_folder, "DATASTRIP/DS_VGS4_20210908T070248_S20210908T043714");
    ASSERT_EQ(files.images.size(), 13u);
    EXPECT_EQ(files.images[8], "GRANULE/L1C_T46RER/IMG_DATA/T46RER_x_B8A.jp2");
    for (const auto& bad :
         {product_xml(""), product_xml(granule("GRANULE/A") + granule("GRANULE/B")),
          product_xml(granule("GRANULE/A", 12)), product_xml(granule("../A")),
          product_xml(granule("/etc")), std::string("<other/>"), std::string("no xml")})
        EXPECT_THROW(parse_sentinel2_files(bad, "x"), Error) << bad.substr(0, 120);
}

TEST(Sentinel2Files, ManifestAndMasks) {
    const std::string head = "<xfdu:XFDU xmlns:xfdu=\"x\"><dataObject><byteStream size=\"5\">";
    const std::string tail = "</byteStream></dataObject></xfdu:XFDU>";
    const auto files = parse_safe_manifest(
        head + "<fileLocation href=\"./A/b.xml\"/><checksum checksumName=\"MD5\">AB</checksum>" +
            tail,
        "x");
    ASSERT_EQ(files.size(), 1u);
    EXPECT_EQ(files[0].path, "A/b.xml");
    EXPECT_EQ(files[0].bytes, 5);
    EXPECT_EQ(files[0].algorithm, "MD5");
    EXPECT_EQ(files[0].checksum, "ab");
    for (const std::string path : {"../x", "/etc/passwd", "A/../../x", "A//b", "C:x"})
        EXPECT_THROW(
            parse_safe_manifest(head + "<fileLocation href=\"" + path + "\"/>" + tail, "x"), Error)
            << path;
    EXPECT_THROW(parse_safe_manifest("<XFDU/>", "x"), Error);
    EXPECT_EQ(sentinel2_mask_names("<a><MASK_FILENAME>G/QI_DATA/MSK_DETFOO_B01.gml</MASK_FILENAME>"
                                   "<b><MASK_FILENAME>plain.jp2</MASK_FILENAME></b></a>",
                                   "x"),
              (std::vector<std::string>{"MSK_DETFOO_B01.gml", "plain.jp2"}));
}

TEST(Sentinel2Files, OfAPublishedProduct) {
    const char* root = std::getenv("HLS_TEST_DATA");
    const std::filesystem::path safe =
        std::filesystem::path(root != nullptr ? root : HLS_SOURCE_DIR "/../shared/data") /
        "sentinel2/S2A_MSIL1C_20210908T042701_N0301_R133_T46RER_20210908T070248.SAFE";
    if (!std::filesystem::exists(safe)) GTEST_SKIP() << "no product in " << safe;
    const auto text = [&](const char* name) {
        std::ifstream in(safe / name, std::ios::binary);
        return std::string{std::istreambuf_iterator<char>(in), {}};
    };
    const auto manifest = parse_safe_manifest(text("manifest.safe"), "manifest");
    EXPECT_EQ(manifest.size(), 97u);
    EXPECT_EQ(manifest[0].path, "MTD_MSIL1C.xml");
    EXPECT_EQ(manifest[0].algorithm, "SHA3-256");
    const auto files = parse_sentinel2_files(text("MTD_MSIL1C.xml"), "product");
    EXPECT_EQ(files.granule_folder, "GRANULE/L1C_T46RER_A032448_20210908T043714");
    EXPECT_EQ(files.images.size(), 14u);
    for (const auto& image : files.images) {
        const auto listed = [&](const SafeFile& file) { return file.path == image; };
        EXPECT_TRUE(std::any_of(manifest.begin(), manifest.end(), listed)) << image;
    }
}

}  // namespace
}  // namespace hls::granule
