// SPDX-License-Identifier: Apache-2.0
// CMR XML line by line against published files, STAC items against the schemas, manifests.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "product/product_metadata.hpp"
#include "product_case.hpp"

namespace hls::product {
namespace {

namespace stdfs = std::filesystem;
using Json = nlohmann::ordered_json;

std::string read_text(const stdfs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

// Lines without indentation; two ways of writing an empty element are one; lines that hold the
// clock of the catalogue or that differ on purpose are reduced to their element.
std::vector<std::string> comparable_lines(const std::string& xml) {
    static const std::set<std::string, std::less<>> reduced{"<InsertTime>", "<LastUpdate>",
                                                            "<DataGranuleSizeInBytes>"};
    std::vector<std::string> lines;
    std::size_t begin = 0;
    while (begin < xml.size()) {
        const std::size_t end = std::min(xml.find('\n', begin), xml.size());
        std::string line = xml.substr(begin, end - begin);
        begin = end + 1;
        line.erase(0, line.find_first_not_of(' '));
        if (line.empty() || line.starts_with("<?xml")) continue;
        const std::string name = line.substr(0, line.find('>') + 1);
        if (reduced.contains(name)) line = name;
        if (!lines.empty() && line == "</" + lines.back().substr(1)) {
            lines.back() = lines.back().substr(0, lines.back().size() - 1) + "/>";
            continue;
        }
        lines.push_back(line);
    }
    return lines;
}

void expect_published(const ProductInfo& info, const std::vector<Ring>& outline) {
    const auto path = published(granule::format_hls_id(info.id) + ".cmr.xml");
    if (!stdfs::exists(path)) GTEST_SKIP() << "no " << path;
    const auto ours = comparable_lines(cmr_xml(info, info.id, outline, 1));
    const auto theirs = comparable_lines(read_text(path));
    for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i)
        ASSERT_EQ(ours[i], theirs[i]) << "line " << i;
    EXPECT_EQ(ours.size(), theirs.size());
}

const std::vector<Ring> kTriangle{
    {{-70.85016357, -10.81032658}, {-70.73701415, -10.2986663}, {-70.74003191, -10.83510398}}};
const std::vector<Ring> kFinland{{{23.15743429, 62.17850011},
                                  {23.73778725, 62.19339089},
                                  {23.2300555, 61.62237083},
                                  {23.226963, 61.61985876}}};

TEST(CmrXml, EqualsAPublishedL30Granule) {
    auto info = landsat_case();
    std::get<std::vector<LandsatSource>>(info.source)[0].accode = "LaSRC v3.0.5";
    expect_published(info, kTriangle);
}

TEST(CmrXml, EqualsAPublishedS30Granule) {
    auto info = sentinel2_case();
    std::get<Sentinel2Source>(info.source).accode = "LaSRC v3.1.0";
    expect_published(info, kFinland);
}

// Two scenes: lists become several values, times a range.
TEST(CmrXml, EqualsAPublishedGranuleOfTwoScenes) {
    ProductInfo info = two_scene_case();
    info.id = *granule::parse_hls_id("HLS.L30.T06WVS.2024120T211159.v2.0");
    info.grid = {3660, 3660, 399960, 7200000, 30, 32606};
    info.cloud_coverage = 6;
    info.mean_sun_azimuth_deg = 168.41547441;
    info.mean_sun_zenith_deg = 50.00568905;
    info.mean_view_azimuth_deg = 179.72857034;
    info.mean_view_zenith_deg = 2.56386996;
    info.nbar_solar_zenith_deg = 49.82399612;
    info.processing_time = parse_utc("2024-05-01T13:24:46Z");
    auto& scenes = std::get<std::vector<LandsatSource>>(info.source);
    for (std::size_t i = 0; i < 2; ++i) {
        scenes[i].product_id = fmt::format("LC08_L1TP_06901{}_20240429_20240430_02_RT", 4 + i);
        scenes[i].accode = "LaSRC v3.0.5";
        scenes[i].utm_zone = 6;
    }
    scenes[0].sensing_time = "2024-04-29T21:11:59.7221750Z";
    scenes[1].sensing_time = "2024-04-29T21:12:23.5877990Z";
    const std::vector<Ring> outline{{{-149.1145676, 64.90913477},
                                     {-146.79361623, 64.92399554},
                                     {-146.8008944, 63.93871258},
                                     {-149.04006051, 63.92449111}}};
    expect_published(info, outline);

    // The published file of the indices holds the clock where times of sensing and production
    // belong; everything else must be equal.
    const granule::HlsId vi = *granule::parse_hls_id("HLS-VI.L30.T06WVS.2024120T211159.v2.0");
    const auto path = published("HLS-VI.L30.T06WVS.2024120T211159.v2.0.cmr.xml");
    auto ours = comparable_lines(cmr_xml(info, vi, outline, 1));
    auto theirs = comparable_lines(read_text(path));
    const auto is_time = [](const std::string& line) {
        return line.find("DateTime>") != std::string::npos;
    };
    std::erase_if(ours, is_time);
    std::erase_if(theirs, is_time);
    EXPECT_EQ(ours, theirs);
}

TEST(CmrXml, NamesTheCloudMaskAfterTheCorrection) {
    auto info = landsat_case();
    info.cloud_masking_code = "Fmask 4.7 <default>";
    const auto lines = comparable_lines(cmr_xml(info, info.id, kTriangle, 12345));
    const auto at = std::find(lines.begin(), lines.end(), "<Name>CLOUD_MASKING_CODE</Name>");
    ASSERT_NE(at, lines.end());
    EXPECT_EQ(at[2], "<Value>Fmask 4.7 &lt;default&gt;</Value>");
    EXPECT_EQ(at[6], "<Name>TIRS_SSM_MODEL</Name>");
    const std::string xml = cmr_xml(info, info.id, kTriangle, 12345);
    EXPECT_NE(xml.find("<DataGranuleSizeInBytes>12345<"), std::string::npos);
}

TEST(StacItem, IsLaidOutAsThePublishedOne) {
    const auto path = published("HLS-VI_stac_item.json");
    if (!stdfs::exists(path)) GTEST_SKIP() << "no " << path;
    ProductInfo info = two_scene_case();
    info.id = *granule::parse_hls_id("HLS.L30.T06WVS.2024120T211159.v2.0");
    info.grid = {3660, 3660, 399960, 7200000, 30, 32606};
    info.cloud_coverage = 6;
    info.mean_sun_azimuth_deg = 168.41547441;
    info.mean_view_azimuth_deg = 179.72857034;
    granule::HlsId vi = info.id;
    vi.vi = true;
    const std::vector<Ring> outline{{{-149.114568, 64.909135},
                                     {-146.793616, 64.923996},
                                     {-146.800894, 63.938713},
                                     {-149.040061, 63.924491}}};
    auto ours = Json::parse(stac_item(info, vi, outline));
    auto theirs = Json::parse(read_text(path));
    // The published item holds the time of production where the time of sensing belongs.
    EXPECT_EQ(ours["properties"]["datetime"], "2024-10-09T16:51:35.011462Z");
    EXPECT_EQ(ours["properties"]["end_datetime"], "2024-10-09T16:51:58.902504Z");
    for (const char* time : {"datetime", "start_datetime", "end_datetime"})
        ours["properties"][time] = theirs["properties"][time] = "";
    EXPECT_EQ(ours.dump(1), theirs.dump(1));
}

class StacSchemas : public ::testing::Test {
 protected:
    int validate(const std::string& text) const {
        const auto item =
            stdfs::temp_directory_path() / fmt::format("hls_stac_{}.json", ::getpid());
        std::ofstream(item) << text;
        const int result =
            std::system(fmt::format("{}/tests/unit/stac/validate_item.py {} {} 2>/dev/null",
                                    HLS_SOURCE_DIR, item.string(),
                                    (published("").parent_path().parent_path() / "stac").string())
                            .c_str());
        stdfs::remove(item);
        return result;
    }
};

TEST_F(StacSchemas, AcceptItemsOfBothSensors) {
    if (!stdfs::exists(published("").parent_path().parent_path() / "stac"))
        GTEST_SKIP() << "no STAC schemas";
    EXPECT_EQ(validate(stac_item(landsat_case(), landsat_case().id, kTriangle)), 0);
    EXPECT_EQ(validate(stac_item(sentinel2_case(), sentinel2_case().id, kFinland)), 0);
    auto vi = landsat_case().id;
    vi.vi = true;
    EXPECT_EQ(validate(stac_item(landsat_case(), vi, kTriangle)), 0);
    auto broken = Json::parse(stac_item(landsat_case(), landsat_case().id, kTriangle));
    broken["properties"].erase("datetime");
    EXPECT_NE(validate(broken.dump()), 0) << "the schemas must be able to refuse";
}

TEST(StacItem, HasAnAssetForEveryFile) {
    const auto item = Json::parse(stac_item(sentinel2_case(), sentinel2_case().id, kFinland));
    EXPECT_EQ(item["assets"].size(), 19u);
    EXPECT_EQ(item["assets"]["B8A"]["href"],
              "https://data.lpdaac.earthdatacloud.nasa.gov/lp-prod-protected/HLSS30.020/"
              "HLS.S30.T35VLJ.2021168T100559.v2.0/HLS.S30.T35VLJ.2021168T100559.v2.0.B8A.tif");
    EXPECT_EQ(item["assets"]["B08"]["eo:bands"][0]["common_name"], "nir");
    EXPECT_EQ(item["properties"]["platform"], "sentinel-2b");
    EXPECT_EQ(item["properties"]["datetime"], "2021-06-17T10:13:17.089940Z");
}

TEST(StacItem, CrossingTheAntimeridianTurnsTheBoxAround) {
    const std::vector<Ring> outline{{{179.1, 60}, {179.2, 61}, {180, 61}, {180, 60}},
                                    {{-180, 60}, {-180, 61}, {-178.5, 61}}};
    const auto item = Json::parse(stac_item(landsat_case(), landsat_case().id, outline));
    EXPECT_EQ(item["bbox"], Json::parse("[179.1, 60.0, -178.5, 61.0]"));
    EXPECT_EQ(item["geometry"]["coordinates"].size(), 2u);
}

TEST(Manifest, IsACloudNotification) {
    Manifest manifest;
    manifest.collection = "HLSL30";
    manifest.identifier = "run-1";
    manifest.granule_id = manifest.product_name = "HLS.L30.T19LBJ.2020239T144556.v2.0";
    manifest.uri_prefix = "bucket/L30/data/2020239/x";
    manifest.submission_time = parse_utc("2021-09-04T00:47:56.5Z");
    manifest.files = {{"a.tif", 5, "00ff"}, {"a.jpg", 6, "01"}, {"a_stac.json", 7, "02"}};
    const auto json = Json::parse(manifest_json(manifest));
    EXPECT_EQ(json["version"], "1.4");
    EXPECT_EQ(json["submissionTime"], "2021-09-04T00:47:56Z");
    EXPECT_EQ(json["duplicationid"], json["product"]["id"]);
    EXPECT_EQ(json["product"]["files"][0],
              Json::parse(R"({"name":"a.tif","size":5,"checksum":"00ff","checksumType":"SHA512",
                              "uri":"bucket/L30/data/2020239/x/a.tif","type":"data"})"));
    EXPECT_EQ(json["product"]["files"][1]["type"], "browse");
    EXPECT_EQ(json["product"]["files"][2]["type"], "metadata");
    manifest.gibs = true;
    manifest.files = {{"g.tif", 1, ""}, {"g.xml", 1, ""}};
    const auto gibs = Json::parse(manifest_json(manifest))["product"]["files"];
    EXPECT_EQ(gibs[0]["type"], "browse");
    EXPECT_EQ(gibs[0]["subtype"], "geotiff");
    EXPECT_EQ(gibs[1]["type"], "metadata");
    EXPECT_EQ(gibs[1]["subtype"], "ImageMetadata-v1.2");
}

}  // namespace
}  // namespace hls::product
