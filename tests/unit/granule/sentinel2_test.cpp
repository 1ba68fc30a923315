// SPDX-License-Identifier: Apache-2.0
// Sentinel-2 names, metadata and masks: what real products say, and what is refused.
#include "granule/sentinel2.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "core/error.hpp"
#include "fs/archive.hpp"
#include "granule/sentinel2_masks.hpp"
#include "granule/sentinel2_metadata.hpp"
#include "granule/sentinel2_satellites.hpp"

namespace hls::granule {
namespace {

namespace stdfs = std::filesystem;

constexpr std::string_view kId = "S2A_MSIL1C_20200629T180000_N0209_R127_T11TMK_20200629T220000";

template <typename Action>
Exit exit_of(Action action) {
    try {
        action();
    } catch (const Error& error) {
        EXPECT_FALSE(error.message.empty());
        return error.code;
    }
    return Exit::ok;
}

stdfs::path real_zip(std::string_view name) {
    const char* folder = std::getenv("HLS_TEST_DATA");
    return stdfs::path(folder ? folder : "../shared/data") / "sentinel2" / name;
}

constexpr std::string_view kSafeZip =
    "S2A_MSIL1C_20171207T002051_N0206_R116_T55JEJ_20171207T032513.zip";
constexpr std::string_view kAwsZip =
    "S2B_OPER_MSI_L1C_TL_EPAE_20180617T013729_A006677_T55JGF_N02.06.AWSPDS.zip";

std::string member_ending(const stdfs::path& zip, std::string_view ending) {
    for (const auto& member : fs::list_archive(zip))
        if (member.name.ends_with(ending))
            return fs::read_archive_member(zip, member.name, 1 << 26);
    ADD_FAILURE() << "no member " << ending;
    return {};
}

std::string product_xml(std::string_view baseline, std::string_view offsets,
                        std::string_view level = "Level-1C",
                        std::string_view satellite = "Sentinel-2B") {
    return fmt::format(
        "<n1:Level-1C_User_Product xmlns:n1='x'><n1:General_Info><Product_Info>"
        "<PRODUCT_URI>{}.SAFE</PRODUCT_URI><PROCESSING_LEVEL>{}</PROCESSING_LEVEL>"
        "<PROCESSING_BASELINE>{}</PROCESSING_BASELINE>"
        "<Datatake><SPACECRAFT_NAME>{}</SPACECRAFT_NAME></Datatake></Product_Info>"
        "<Product_Image_Characteristics><QUANTIFICATION_VALUE unit='none'>10000"
        "</QUANTIFICATION_VALUE>{}</Product_Image_Characteristics></n1:General_Info>"
        "<n1:Quality_Indicators_Info><Cloud_Coverage_Assessment>12.5</Cloud_Coverage_Assessment>"
        "</n1:Quality_Indicators_Info></n1:Level-1C_User_Product>",
        kId, level, baseline, satellite, offsets);
}

std::string offsets(int bands) {
    std::string text = "<Radiometric_Offset_List>";
    for (int band = 0; band < bands; ++band)
        text += fmt::format("<RADIO_ADD_OFFSET band_id='{}'>-1000</RADIO_ADD_OFFSET>", band);
    return text + "</Radiometric_Offset_List>";
}

TEST(Sentinel2Names, OfProductsParseAndPrint) {
    const auto id = parse_sentinel2_product_id(kId);
    ASSERT_TRUE(id);
    EXPECT_EQ(id->satellite, "S2A");
    EXPECT_EQ(id->tile, "11TMK");
    EXPECT_EQ(id->baseline, (Sentinel2Baseline{2, 9}));
    EXPECT_EQ(id->relative_orbit, 127);
    EXPECT_EQ(format_utc(id->sensing), "2020-06-29T18:00:00Z");
    EXPECT_EQ(format_sentinel2_product_id(*id), kId);
    EXPECT_EQ(parse_sentinel2_product_id(std::string(kId) + ".SAFE"), id);
}

TEST(Sentinel2Names, RefuseWhatIsNone) {
    for (std::string_view text : {"", "S2A_MSIL1C_20200629T180000_N0209_R127_T11TMK",
                                  "S2A_MSIL1C_20201329T180000_N0209_R127_T11TMK_20200629T220000",
                                  "S2A_MSIL1C_20200629T180000_N0209_R144_T11TMK_20200629T220000",
                                  "S2A_MSIL1C_20200629T180000_N0209_R127_T61TMK_20200629T220000",
                                  "L8A_MSIL1C_20200629T180000_N0209_R127_T11TMK_20200629T220000"})
        EXPECT_FALSE(parse_sentinel2_product_id(text)) << text;
}

TEST(Sentinel2Names, OfTilesAndDatastripsTakeAnyCentre) {
    for (const std::string_view centre : {"SGS_", "EPAE", "2APS", "MTI_"}) {
        const auto tile = parse_sentinel2_oper_id(
            fmt::format("S2B_OPER_MSI_L1C_TL_{}_20180617T013729_A006677_T55JGF_N02.06", centre));
        ASSERT_TRUE(tile) << centre;
        EXPECT_EQ(tile->tile, "55JGF");
        EXPECT_EQ(tile->absolute_orbit, 6677);
        EXPECT_EQ(tile->baseline, (Sentinel2Baseline{2, 6}));
        const auto strip = parse_sentinel2_oper_id(
            fmt::format("S2A_OPER_MSI_L1C_DS_{}_20171207T032513_S20171207T002252_N05.11", centre));
        ASSERT_TRUE(strip) << centre;
        EXPECT_EQ(format_utc(strip->sensing), "2017-12-07T00:22:52Z");
        EXPECT_EQ(strip->baseline, (Sentinel2Baseline{5, 11}));
    }
    EXPECT_FALSE(parse_sentinel2_oper_id("S2A_OPER_MSI_L1C_TL_SGS__2017_T55JGF_N02.06"));
}

TEST(Sentinel2Bands, KeepTheOrderOfBandIds) {
    const auto bands = sentinel2_bands();
    for (int i = 0; i < kSentinel2Bands; ++i)
        EXPECT_EQ(sentinel2_band_index(bands[static_cast<std::size_t>(i)].name), i);
    EXPECT_EQ(sentinel2_band_index("8a"), 8);
    EXPECT_EQ(sentinel2_band_index("8"), 7);
    EXPECT_EQ(sentinel2_band_index("09"), 9);
    for (const auto* none : {"", "B", "0", "B13", "B00", "B8B", "-1", "+1", "B001"})
        EXPECT_FALSE(sentinel2_band_index(none)) << none;
}

TEST(Sentinel2Satellites, ComeFromTheTable) {
    EXPECT_EQ(sentinel2_satellite("S2A").name, "Sentinel-2A");
    EXPECT_EQ(sentinel2_satellite("Sentinel-2B").bandpass[6].slope, .9867);
    EXPECT_EQ(sentinel2_satellite("S2C").bandpass[1].offset, -.0027);
    EXPECT_EQ(exit_of([] { sentinel2_satellite("S2D"); }), Exit::not_accepted);
    EXPECT_EQ(exit_of([] { parse_sentinel2_satellites("S2A Sentinel-2A 1 0"); }), Exit::bad_input);
}

TEST(Sentinel2Product, OffsetsMustBeThereSinceBaseline04) {
    const auto old = parse_sentinel2_product(product_xml("03.01", ""), "x");
    EXPECT_EQ(old.offset[12], 0);
    EXPECT_EQ(old.quantification, 10000);
    EXPECT_EQ(old.cloud_cover_percent, 12.5);
    const auto recent = parse_sentinel2_product(product_xml("05.11", offsets(13)), "x");
    for (const double offset : recent.offset) EXPECT_EQ(offset, -1000);
    for (const int bands : {0, 12})
        EXPECT_EQ(
            exit_of([&] { parse_sentinel2_product(product_xml("04.00", offsets(bands)), "x"); }),
            Exit::bad_input);
}

TEST(Sentinel2Product, OtherLevelsBaselinesAndSatellitesAreNotAccepted) {
    for (const auto& text :
         {product_xml("05.11", offsets(13), "Level-2A"), product_xml("02.03", ""),
          product_xml("05.11", offsets(13), "Level-1C", "Sentinel-2D"),
          std::string("<n1:Level-2A_User_Product xmlns:n1='x'/>")})
        EXPECT_EQ(exit_of([&] { parse_sentinel2_product(text, "x"); }), Exit::not_accepted);
    EXPECT_EQ(exit_of([] { parse_sentinel2_product("<a/>", "x"); }), Exit::bad_input);
}

TEST(Sentinel2Metadata, OfRealSafeParses) {
    const auto zip = real_zip(kSafeZip);
    if (!stdfs::exists(zip)) GTEST_SKIP() << zip;
    const auto product = parse_sentinel2_product(member_ending(zip, "MTD_MSIL1C.xml"), "p");
    EXPECT_EQ(product.id->tile, "55JEJ");
    EXPECT_EQ(product.baseline, (Sentinel2Baseline{2, 6}));
    EXPECT_EQ(product.cloud_cover_percent, 0);
    const auto tile = parse_sentinel2_tile(member_ending(zip, "MTD_TL.xml"), "t");
    EXPECT_EQ(tile.tile, "55JEJ");
    EXPECT_EQ(tile.epsg, 32755);
    EXPECT_EQ(tile.geoposition.at(10).rows, 10980);
    EXPECT_EQ(tile.geoposition.at(60).uly_m, 6900040);
    EXPECT_EQ(tile.archiving_time_text, "2017-12-07T03:47:08.004539Z");
    EXPECT_EQ(tile.sun_zenith_deg, 22.4880527964554);
    ASSERT_TRUE(tile.sun_grid);
    EXPECT_EQ(tile.sun_grid->rows, 23);
    EXPECT_EQ(tile.sun_grid->zenith(0, 1), 22.8783);
    EXPECT_EQ(tile.view_grids.size(), 78U);
    EXPECT_EQ(tile.view_grids[0].grid.zenith(4, 0), 2.56737);
    EXPECT_TRUE(std::isnan(tile.view_grids[0].grid.azimuth(4, 1)));
    EXPECT_EQ(tile.mean_views.size(), 13U);
    EXPECT_EQ(tile.baseline(), (Sentinel2Baseline{2, 6}));
}

TEST(Sentinel2Metadata, OfRealAwsTileParses) {
    const auto zip = real_zip(kAwsZip);
    if (!stdfs::exists(zip)) GTEST_SKIP() << zip;
    const auto tile = parse_sentinel2_tile(member_ending(zip, "N02.06/metadata.xml"), "t");
    EXPECT_EQ(tile.tile, "55JGF");
    for (const auto* file : {"productInfo.json", "tileInfo.json"}) {
        const auto id = parse_sentinel2_product_info(member_ending(zip, file), "i");
        const auto product = assumed_sentinel2_product(id, "i");
        EXPECT_EQ(product.product_uri,
                  "S2B_MSIL1C_20180617T001109_N0206_R073_T55JGF_20180617T013729.SAFE");
        EXPECT_EQ(product.offset[3], 0);
    }
    auto id = parse_sentinel2_product_info(member_ending(zip, "productInfo.json"), "i");
    id.baseline = {5, 10};
    EXPECT_EQ(assumed_sentinel2_product(id, "i").offset[3], -1000);
}

TEST(Sentinel2Tile, RefusesWhatCannotBe) {
    const auto zip = real_zip(kSafeZip);
    if (!stdfs::exists(zip)) GTEST_SKIP() << zip;
    const auto good = member_ending(zip, "MTD_TL.xml");
    const auto with = [&](std::string_view from, std::string_view to) {
        auto text = good;
        text.replace(text.find(from), from.size(), to);
        return text;
    };
    EXPECT_EQ(exit_of([&] { parse_sentinel2_tile(good, "t"); }), Exit::ok);
    for (const auto& text :
         {with("22.9222 ", "22.92x2 "), with("22.9222 ", ""), with("EPSG:32755", "EPSG:3857"),
          with("<NROWS>1830<", "<NROWS>1829<"), with("<NROWS>5490<", "<NROWS>-5490<"),
          with("2017-12-07T00:22:52.127Z", "yesterday"),
          with("detectorId=\"7\"", "detectorId=\"13\""), good.substr(0, good.size() / 2)})
        EXPECT_EQ(exit_of([&] { parse_sentinel2_tile(text, "t"); }), Exit::bad_input);
}

TEST(Sentinel2Footprints, OfRealGmlParse) {
    const auto zip = real_zip(kSafeZip);
    if (!stdfs::exists(zip)) GTEST_SKIP() << zip;
    const auto gml = member_ending(zip, "MSK_DETFOO_B06.gml");
    const auto footprints = parse_detector_footprints(gml, "g");
    ASSERT_EQ(footprints.size(), 6U);
    for (const auto& footprint : footprints) {
        EXPECT_GE(footprint.detector, 7);
        EXPECT_EQ(footprint.ring.front().x_m, footprint.ring.back().x_m);
    }
    auto bad = gml;
    bad.replace(bad.find("detector_footprint-B06-"), 23, "detector_footprint+B06-");
    EXPECT_EQ(exit_of([&] { parse_detector_footprints(bad, "g"); }), Exit::bad_input);
}

TEST(Sentinel2QualityReport, NamesBandsWithLostData) {
    const auto report = [](std::string_view checks) {
        return fmt::format(
            "<Earth_Explorer_File xmlns='o'><Data_Block><report><checkList><check><inspection "
            "id='Metadata'/><message>Metadata file is present.</message></check>{}</checkList>"
            "</report></Data_Block></Earth_Explorer_File>",
            checks);
    };
    EXPECT_TRUE(parse_bands_with_data_loss(report(""), "r").empty());
    EXPECT_TRUE(parse_bands_with_data_loss(
                    report("<check><message>No data loss in this tile.</message></check>"), "r")
                    .empty());
    const auto lossy = [&](std::string_view bands) {
        return report(
            fmt::format("<check><inspection status='FAILED'/><message "
                        "contentType='text/plain'>There is data loss in this "
                        "tile</message><extraValues><value "
                        "name='Affected_Bands'>{}</value></extraValues></check>",
                        bands));
    };
    EXPECT_EQ(parse_bands_with_data_loss(lossy("B12 B01 B8A"), "r"), (std::vector{0, 8, 12}));
    EXPECT_EQ(exit_of([&] { parse_bands_with_data_loss(lossy("B12 B99"), "r"); }), Exit::bad_input);
}

}  // namespace
}  // namespace hls::granule
