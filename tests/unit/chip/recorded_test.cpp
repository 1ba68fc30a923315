// SPDX-License-Identifier: Apache-2.0
// What real catalogues answered: pages of Earth Search, HLS granules, products of other kinds.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "chip/catalogue_search.hpp"
#include "chip/scene_item.hpp"
#include "core/error.hpp"
#include "fs/read_text.hpp"
#include "imagery_case.hpp"

namespace hls::chip {
namespace {

using Json = nlohmann::json;

std::filesystem::path test_data(const std::string& path) {
    const char* folder = std::getenv("HLS_TEST_DATA");
    return std::filesystem::path(folder ? folder : "../shared/data") / path;
}

TEST(Recorded, PagesOfEarthSearchAreRead) {
    const auto path = test_data("api/pystac-client/earth-search_multiple_collections.yaml");
    if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
    // The first answer is a YAML scalar in single quotes, folded over indented lines.
    const std::string yaml = fs::read_text(path, 16 << 20);
    const auto start = yaml.find("string: '{") + 9;
    std::string page;
    for (std::size_t at = start; at < yaml.size(); ++at) {
        if (yaml[at] == '\'' && yaml[at + 1] != '\'') break;
        if (yaml[at] == '\'') ++at;
        if (yaml[at] == '\n') {
            while (yaml[at + 1] == ' ') ++at;
            page += ' ';
        } else {
            page += yaml[at];
        }
    }
    const ImageryTable table = shipped_table();
    const ItemSource source{"earth-search", {}, true, false, {table.buckets, false}};
    int read = 0;
    for (const std::string& text : items_of_page(page)) {
        if (Json::parse(text)["collection"] != "sentinel-2-l2a") continue;
        const SceneItem item = parse_scene_item(text, source);
        ++read;
        EXPECT_EQ(item.id, "S2A_13TDE_20231008_0_L2A");
        EXPECT_EQ(item.tile, "13TDE");
        EXPECT_EQ(item.baseline, (ProcessingBaseline{5, 9}));
        EXPECT_EQ(item.offset_applied, true);
        const CollectionLayout& layout = table.layout_of(
            item.collection, [&](const auto& key) { return item.assets.contains(key); });
        for (const auto& [band, key] : layout.bands)
            EXPECT_TRUE(item.href_of(key, band).ends_with(".tif")) << band;
        // The JPEG 2000 twins are paid by the reader, and are not asked for.
        EXPECT_EQ(code_of([&] { item.href_of("blue-jp2", ""); }), Exit::bad_input);
    }
    EXPECT_EQ(read, 1);
}

TEST(Recorded, Level1ScenesAreNoImageryOfChips) {
    const auto path = test_data("api/eodag_provider_responses/earth_search_search.json");
    if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
    const ImageryTable table = shipped_table();
    const auto texts = items_of_page(fs::read_text(path, 16 << 20));
    ASSERT_EQ(texts.size(), 1U);
    const SceneItem item =
        parse_scene_item(texts[0], {"earth-search", {}, true, false, {table.buckets, false}});
    EXPECT_EQ(item.id, "S2B_27VWK_20240206_0_L1C");
    EXPECT_EQ(item.tile, "27VWK");
    EXPECT_EQ(item.baseline, (ProcessingBaseline{5, 10}));
    EXPECT_FALSE(item.offset_applied);
    EXPECT_NEAR(item.cloud_percent.value(), 9.936, 1e-3);
    // The reader pays for them: not without being told to.
    EXPECT_EQ(code_of([&] { item.href_of("blue", "blue"); }), Exit::bad_input);
    const SceneItem paid =
        parse_scene_item(texts[0], {"earth-search", {}, true, false, {table.buckets, true}});
    EXPECT_EQ(paid.href_of("blue", "blue"),
              "s3://sentinel-s2-l1c/tiles/27/V/WK/2024/2/6/0/B02.jp2");
    EXPECT_EQ(code_of([&] { table.layout_of(item.collection, [](const auto&) { return true; }); }),
              Exit::bad_input);
}

// A service that answers with links among the properties: no STAC items, but real names and links.
TEST(Recorded, HlsGranulesAreReadOnceTheyAreItems) {
    const auto path = test_data("api/sliderule_hls_trimmed.geojson");
    if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
    const ImageryTable table = shipped_table();
    const ItemSource source{"recorded", {}, true, false, {table.buckets, false}};
    int items = 0;
    const Json page = Json::parse(fs::read_text(path, 16 << 20));
    for (Json json : page["features"]) {
        EXPECT_EQ(code_of([&] { parse_scene_item(json.dump(), source); }), Exit::bad_input);
        const std::string id = json["id"];
        const bool landsat = id.find(".L30.") != id.npos;
        json["collection"] = landsat ? "HLSL30_2.0" : "HLSS30_2.0";
        json["bbox"] = {-180, 50, -179, 51};
        for (const auto& [key, value] : json["properties"].items())
            if (value.is_string() && value.get<std::string>().ends_with(".tif"))
                json["assets"][key]["href"] = value;
        const SceneItem item = parse_scene_item(json.dump(), source);
        ++items;
        EXPECT_EQ(item.id, id);
        EXPECT_EQ(item.tile, id.substr(9, 5));
        EXPECT_FALSE(item.baseline);
        const CollectionLayout& layout = table.layout_of(
            item.collection, [&](const auto& key) { return item.assets.contains(key); });
        EXPECT_EQ(layout.kind, ImageryKind::hls);
        EXPECT_TRUE(item.href_of(layout.quality, "").ends_with(id + ".Fmask.tif"));
        for (const std::string& band : table.profile("hls-6").bands)
            EXPECT_TRUE(item.href_of(layout.bands.at(band), band)
                            .starts_with("https://data.lpdaac.earthdatacloud.nasa.gov/"));
        EXPECT_TRUE(item.href_of(layout.bands.at("nir08"), "")
                        .ends_with(landsat ? ".B05.tif" : ".B8A.tif"));
    }
    EXPECT_EQ(items, 10);
}

// Answers of other services are no pages of items, or hold none that chips can be cut from.
TEST(Recorded, OtherAnswersAreRefused) {
    const auto folder = test_data("api/eodag_provider_responses");
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not there";
    int answers = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().filename() == "earth_search_search.json") continue;
        ++answers;
        const std::string text = fs::read_text(entry.path(), 16 << 20);
        std::vector<std::string> items;
        const Exit page = code_of([&] { items = items_of_page(text); });
        EXPECT_TRUE(page == Exit::ok || page == Exit::bad_input) << entry.path();
        for (const std::string& item : items) {
            const Exit code = code_of([&] {
                const SceneItem scene = parse_scene_item(item, {"recorded", {}, true, false, {}});
                shipped_table().layout_of(scene.collection, [](const auto&) { return true; });
            });
            EXPECT_EQ(code, Exit::bad_input) << entry.path();
        }
    }
    EXPECT_GE(answers, 8);
}

}  // namespace
}  // namespace hls::chip
