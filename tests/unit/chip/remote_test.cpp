// SPDX-License-Identifier: Apache-2.0
// Imagery on the net: ranges of files, tokens, pages of catalogues, links that are not to be
// followed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "chip/catalogue_search.hpp"
#include "chip/chip_cut.hpp"
#include "chip/imagery_access.hpp"
#include "chip/range_plan.hpp"
#include "chip/remote_file.hpp"
#include "chip/scene_item.hpp"
#include "core/error.hpp"
#include "imagery_case.hpp"
#include "servers/server.hpp"

namespace hls::chip {
namespace {

using Json = nlohmann::json;
using io::FileRange;

TEST(FewRanges, JoinsTheSmallestGaps) {
    const std::vector<FileRange> blocks{{100, 10}, {110, 10}, {200, 10}, {1000, 50}, {1300, 10}};
    EXPECT_EQ(few_ranges(blocks, 9, 0),
              (std::vector<FileRange>{{100, 20}, {200, 10}, {1000, 50}, {1300, 10}}));
    EXPECT_EQ(few_ranges(blocks, 3, 0),
              (std::vector<FileRange>{{100, 110}, {1000, 50}, {1300, 10}}));
    EXPECT_EQ(few_ranges(blocks, 2, 0), (std::vector<FileRange>{{100, 110}, {1000, 310}}));
    EXPECT_EQ(few_ranges(blocks, 1, 0), (std::vector<FileRange>{{100, 1210}}));
    EXPECT_EQ(few_ranges(blocks, 9, 100),
              (std::vector<FileRange>{{100, 110}, {1000, 50}, {1300, 10}}));
    EXPECT_TRUE(few_ranges({}, 3, 0).empty());
    EXPECT_EQ(few_ranges({{50, 10}, {40, 30}}, 3, 0), (std::vector<FileRange>{{40, 30}}));
}

// A server with one file of 300,000 bytes.
class RemoteFileTest : public testing::Test {
 protected:
    RemoteFileTest() : server("imagery", {folder_.path().string()}) {
        for (unsigned i = 0; i < 300000; ++i) content += static_cast<char>(i * 7919 >> 5);
        std::ofstream(folder_ / "file.bin", std::ios::binary) << content;
    }
    RemoteFile open() {
        RemoteLink link;
        link.request.url = net::parse_url(server.url("/-/data/file.bin"));
        return {client, link, tally};
    }
    std::string read(RemoteFile& file, std::uint64_t offset, std::size_t count) {
        std::string text(count, '\0');
        file.read(offset, std::as_writable_bytes(std::span(text)));
        return text;
    }
    void fault(const std::string& kind, int times) {
        server.control({{"reset", true},
                        {"faults", {{{"path", "file.bin"}, {"kind", kind}, {"times", times}}}}});
    }

    test::TemporaryFolder folder_;
    test::Environment fast{"HLS_RETRY_BASE", "0.01"};
    test::Server server;
    net::HttpClient client;
    NetTally tally;
    std::string content;
};

TEST_F(RemoteFileTest, ReadsHeadAndBlocksInFourRequests) {
    RemoteFile file = open();
    EXPECT_EQ(file.size(), 300000u);
    std::vector<FileRange> blocks;
    for (std::uint64_t first = 70000; first < 290000; first += 36000)
        blocks.push_back({first, 500});
    file.prefetch(blocks);
    for (const FileRange& block : blocks)
        EXPECT_EQ(read(file, block.first, block.bytes), content.substr(block.first, block.bytes));
    EXPECT_EQ(read(file, 5, 60000), content.substr(5, 60000));
    EXPECT_LE(tally.requests, kMostRequests);
    EXPECT_EQ(server.requests().size(), static_cast<std::size_t>(tally.requests));
    EXPECT_EQ(read(file, 60000, 20000), content.substr(60000, 20000));
    EXPECT_EQ(code_of([&] { file.prefetch({{400000, 10}}); }), Exit::bad_input);
}

TEST_F(RemoteFileTest, LivesThroughFaultsOfServers) {
    for (const char* kind : {"trunc", "short_range", "wrong_range", "503", "reset"}) {
        fault(kind, 2);
        RemoteFile file = open();
        file.prefetch({{100000, 90000}});
        EXPECT_EQ(read(file, 100000, 90000), content.substr(100000, 90000)) << kind;
    }
    fault("wrong_range", 100);
    EXPECT_EQ(code_of([&] { open().size(); }), Exit::bad_input);
    fault("404", 100);
    EXPECT_EQ(code_of([&] { open().size(); }), Exit::missing_input);
    fault("403", 100);
    EXPECT_EQ(code_of([&] { open().size(); }), Exit::missing_input);
    // A small file that comes whole is taken.
    fault("norange", 100);
    RemoteFile file = open();
    EXPECT_EQ(read(file, 123456, 1000), content.substr(123456, 1000));
    EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(RemoteFileTest, FollowsARedirectOnce) {
    server.control({{"faults",
                     {{{"path", "moved.bin"},
                       {"kind", "redirect"},
                       {"to", server.url("/-/data/file.bin?signature=MARKER")}}}}});
    RemoteLink link;
    link.request.url = net::parse_url(server.url("/-/data/moved.bin"));
    RemoteFile file(client, link, tally);
    file.prefetch({{70000, 100}, {200000, 100}});
    EXPECT_EQ(read(file, 200000, 100), content.substr(200000, 100));
    EXPECT_EQ(server.requests().size(), 3u);  // the redirect and two parts
    // The new address ends; the old one is asked again.
    server.control(
        {{"reset", true},
         {"faults",
          {{{"path", "moved.bin"}, {"kind", "redirect"}, {"to", server.url("/-/data/file.bin")}},
           {{"path", "signature"}, {"kind", "403"}}}}});
    EXPECT_EQ(read(file, 150000, 100), content.substr(150000, 100));
}

TEST_F(RemoteFileTest, LargeFilesWithoutRangesAreRefused) {
    std::ofstream(folder_ / "large.bin") << std::string(9 << 20, 'x');
    RemoteLink link;
    link.request.url = net::parse_url(server.url("/-/data/large.bin"));
    server.control({{"faults", {{{"path", "large.bin"}, {"kind", "norange"}}}}});
    RemoteFile file(client, link, tally);
    EXPECT_EQ(code_of([&] { file.size(); }), Exit::unavailable);
    EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(RemoteFileTest, SignsAndRenewsTokens) {
    ImageryTable table;
    table.access = {{{"127.0.0.1"}, server.url("/-/sas/{collection}"), false}};
    ImageryAccess access(table);
    const std::string href = server.url("/-/data/file.bin");
    server.control({{"set", {{"sas", 3600}}}});
    EXPECT_EQ(access.open(href, "c", tally).size(), 300000u);
    EXPECT_EQ(access.open(href, "c", tally).size(), 300000u);
    EXPECT_EQ(server.requests().size(), 3u);  // one token
    // One that dies before its time is renewed once.
    server.control({{"reset", true}, {"set", {{"sas", 0}, {"sas_lie", 3600}}}});
    EXPECT_EQ(code_of([&] { access.open(href, "other", tally).size(); }), Exit::permission);
    server.control({{"set", {{"sas", 3600}, {"sas_lie", 0}}}});
    EXPECT_EQ(access.open(href, "other", tally).size(), 300000u);
}

std::string item_with(const std::string& assets, const std::string& collection) {
    return R"({"id":"S2A_T30TVK_X","collection":")" + collection +
           R"(","bbox":[-4,40,0,-3,41,9],"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]},)"
           R"("properties":{"datetime":"2023-07-12T11:00:00Z","s2:product_uri":"S2A_MSIL2A_20230712T105621_N0510_R094_T30TVK_x.SAFE"},"assets":)" +
           assets + "}";
}

TEST(Links, OnlyThoseThatMayBeFollowed) {
    const auto item = parse_scene_item(
        item_with(
            R"({"a":{"href":"https://host/a.tif?sig=MARKER"},"b":{"href":"file:///etc/passwd"},"c":{"href":"/etc/passwd"},
                "d":{"href":"/vsicurl/http://x/y.tif"},"e":{"href":"https://user:word@host/a.tif"},
                "f":{"href":"s3://private/x.tif"},"g":{"href":"s3://sentinel-cogs/x.tif"},"h":{"href":"http://127.0.0.1/x.tif"},
                "i":{"href":"s3://private/x.tif","alternate":{"https":{"href":"https://host/i.tif"}}},
                "x":{"href":"https://host/bar.tif","eo:bands":[{"name":"B08","common_name":"nir"}]},
                "y":{"href":"https://host/twin.jp2","eo:bands":[{"name":"B08"}]}})",
            "c"),
        {"remote", {}, true, false, {shipped_table().buckets, false}});
    EXPECT_EQ(item.href_of("a", ""), "https://host/a.tif");
    for (const char* refused : {"b", "c", "d", "e", "f", "h", "y2"})
        EXPECT_EQ(code_of([&] { item.href_of(refused, ""); }), Exit::bad_input) << refused;
    EXPECT_EQ(item.href_of("g", ""), "s3://sentinel-cogs/x.tif");
    EXPECT_EQ(item.href_of("i", ""), "https://host/i.tif");
    EXPECT_EQ(item.href_of("B08", "nir"), "https://host/bar.tif");
    EXPECT_EQ(item.baseline, (ProcessingBaseline{5, 10}));
    EXPECT_EQ(item.east_deg, -3);
}

TEST(Catalogues, LayoutsFollowTheAssets) {
    const ImageryTable table = shipped_table();
    const auto with = [&](const char* quality) -> const CollectionLayout& {
        return table.layout_of("sentinel-2-l2a", [=](const auto& key) { return key == quality; });
    };
    EXPECT_EQ(with("scl").offset, OffsetRule::flag_and_pixels);
    EXPECT_EQ(with("SCL").offset, OffsetRule::baseline);
    EXPECT_EQ(with("SCL").bands.at("nir08"), "B8A");
    EXPECT_EQ(table.catalogue("https://earth-search.aws.element84.com/v1/").name, "earth-search");
    EXPECT_EQ(table.catalogue("http://127.0.0.1:1/search").url, "http://127.0.0.1:1");
    EXPECT_EQ(code_of([&] { table.catalogue("nowhere"); }), Exit::usage);
}

// Twenty-five scenes of a tile, one a day.
class SearchTest : public testing::Test {
 protected:
    SearchTest() : server("imagery", {folder_.path().string()}) {
        for (int day = 1; day <= 25; ++day) {
            Json item = Json::parse(item_with(R"({"scl":{"href":"scl.tif"}})", "c1"));
            item["id"] = "scene" + std::to_string(day);
            item["bbox"] = {-4.2, 40.5, -2.9, 41.5};
            item["properties"]["datetime"] =
                "2023-07-" + std::string(day < 10 ? "0" : "") + std::to_string(day) + "T11:00:00Z";
            item["properties"]["eo:cloud_cover"] = day;
            item["properties"]["grid:code"] = "MGRS-30TVK";
            std::ofstream(folder_ / (item["id"].get<std::string>() + ".json")) << item.dump();
        }
        catalogue = {"stub", server.url("/-/stac"), {"c1"}, {}, 20, true, "grid:code", "MGRS-"};
    }
    CatalogueAnswer ask() {
        const auto day = [](const char* text) { return parse_day(text); };
        return search_catalogue(client, catalogue,
                                {{"c1"}, "30TVK", {day("2023-07-01"), day("2023-08-31")}, 22});
    }
    void set(const Json& settings) { server.control({{"reset", true}, {"set", settings}}); }

    test::TemporaryFolder folder_;
    test::Environment fast{"HLS_RETRY_BASE", "0.01"};
    test::Server server;
    net::HttpClient client;
    Catalogue catalogue;
};

TEST_F(SearchTest, FollowsPagesOfAnyKind) {
    for (const char* kind : {"token", "page", "get"}) {
        set({{"next", kind}});
        const auto answer = ask();
        EXPECT_EQ(answer.items.size(), 22u) << kind;  // under the cloud limit
        EXPECT_TRUE(answer.warnings.empty());
        EXPECT_EQ(server.requests().size(), 2u) << kind;
        EXPECT_EQ(answer.items.front().find("MARKER"), std::string::npos);
    }
    set({{"next", "elsewhere"}});
    EXPECT_EQ(code_of([&] { ask(); }), Exit::bad_input);
}

// Whatever a catalogue sends ends in an answer or an Error, for the task alone.
TEST(Pages, OfAnyShapeAreReadOrRefused) {
    const std::string deep(300'000, '[');
    const std::string end(300'000, ']');
    for (const std::string& page :
         {R"({"features":[)" + deep + end + "]}",
          R"({"features":[{"id":"a","properties":{"datetime":)" + deep + end + "}}]}"})
        EXPECT_EQ(code_of([&] { items_of_page(page); }), Exit::bad_input);
}

TEST_F(SearchTest, RefusesLinksOfTheWrongKind) {
    for (const char* link :
         {R"({"rel":"next","href":5})", R"({"rel":"next","href":"x","method":null})",
          R"({"rel":"next","href":"x","method":"POST","merge":"yes"})"}) {
        set({{"next", Json::parse(link)}});
        EXPECT_EQ(code_of([&] { ask(); }), Exit::bad_input) << link;
    }
    set({{"next", Json::parse(R"({"rel":null,"href":"x"})")}});
    EXPECT_EQ(ask().items.size(), 20u);
}

TEST_F(SearchTest, HalvesPagesThatAreTooLarge) {
    for (const char* kind : {"token", "page", "get"}) {
        set({{"next", kind}, {"page_500", 10}});
        const auto answer = ask();
        EXPECT_EQ(answer.items.size(), 22u) << kind;
        EXPECT_EQ(server.requests().size(), 4u) << kind;  // 20, then 10 three times
    }
    set({{"oops", 500}, {"page_500", 10000}});
    EXPECT_EQ(code_of([&] { ask(); }), Exit::temporary);
}

TEST_F(SearchTest, EndsWhereLinksLoop) {
    set({{"next", "loop"}, {"oops", nullptr}});
    const auto answer = ask();
    EXPECT_EQ(answer.items.size(), 20u);
    ASSERT_EQ(answer.warnings.size(), 1u);
    EXPECT_EQ(answer.warnings.front().first, "W_PAGING");
    EXPECT_LE(server.requests().size(), 3u);
}

TEST_F(SearchTest, WaitsAsLongAsItIsTold) {
    server.control(
        {{"reset", true},
         {"faults", {{{"path", "search"}, {"kind", "429"}, {"retry_after", 1}, {"times", 1}}}}});
    EXPECT_EQ(ask().items.size(), 22u);
    EXPECT_TRUE(server.get("/-/requests")["early"].empty());
}

TEST_F(SearchTest, TriesTheOtherNameOfACollection) {
    catalogue.other_names = {{"c1", "c1.v2"}};
    set({{"names", {{"c1", "c1.v2"}}}});
    EXPECT_EQ(ask().items.size(), 22u);
    server.control({{"faults", {{{"path", "search"}, {"kind", "404"}}}}});
    EXPECT_EQ(code_of([&] { ask(); }), Exit::bad_input);
}

TEST(ChipCut, CoarseBandsAreRepeatedAndOffsetsStayInRange) {
    BandPatch coarse{2, 10, 20, Plane<std::uint16_t>(3, 3)};
    for (int r = 0; r < 3; ++r)
        for (int c = 0; c < 3; ++c)
            coarse.pixels(r, c) = static_cast<std::uint16_t>(r == 1 && c == 1 ? 0 : 900 + 100 * c);
    Plane<std::uint16_t> out(4, 4);
    Plane<std::uint8_t> usable(4, 4, 1);
    const auto raised = cut_band(coarse, {41, 21, 4}, -1000, out.view(), usable.view());
    // Rows 41..44 show coarse rows 20..22, columns likewise 10, 11, 11, 12.
    for (int r = 0; r < 4; ++r)
        for (int c = 0; c < 4; ++c) {
            const int stored = coarse.at(41 + r, 21 + c);
            EXPECT_EQ(out(r, c), stored == 0 ? 0 : std::max(1, stored - 1000));
            EXPECT_EQ(usable(r, c), stored == 0 ? 0 : 1);
        }
    EXPECT_EQ(raised, 4 + 4);  // 900 in one column, 1000 in two of them, the hole aside
    SceneQuality quality{{2, 10, 20, Plane<std::uint8_t>(3, 3, 4)}, 0};
    quality.raster.pixels(0, 0) = 9;
    quality.raster.pixels(2, 2) = 0;
    const SkyCount sky = count_sky(quality, ImageryKind::sentinel2, {41, 21, 4});
    EXPECT_EQ(sky.clear, 14);
    EXPECT_EQ(sky.nodata, 1);
    EXPECT_EQ(keep_clear(quality, ImageryKind::sentinel2, {41, 21, 4}, usable.view()), 10);
}

}  // namespace
}  // namespace hls::chip
