// SPDX-License-Identifier: Apache-2.0
#include "intersect/query.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "intersect/answer.hpp"

namespace hls::intersect {
namespace {

Query ask(std::string_view text) {
    return parse_query(text, "argument", Exit::usage);
}

Error refusal(std::string_view text) {
    try {
        ask(text);
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "accepted: " << text;
    return {Exit::ok, ""};
}

std::vector<std::string> tiles_of(const Query& query, const Rules& rules = {}) {
    std::vector<std::string> ids;
    for (const Row& row : answer(query, rules)) ids.push_back(row.tile.id());
    return ids;
}

using Ids = std::vector<std::string>;

TEST(ParseQuery, ScenesTilesAndProductIds) {
    EXPECT_EQ(ask("015033").scene, (geo::PathRow{15, 33}));
    EXPECT_EQ(ask(" T18SUJ ").tile->id(), "18SUJ");
    EXPECT_EQ(ask("LC08_L1TP_020039_20150804_20200908_02_T1").scene, (geo::PathRow{20, 39}));
}

TEST(ParseQuery, PlacesAndBoxes) {
    EXPECT_EQ(tiles_of(ask("-77.0,38.8")), (Ids{"18SUH", "18SUJ"}));
    EXPECT_EQ(tiles_of(ask("-77.2,39.5,-77.1,39.6")), (Ids{"18SUJ"}));
}

TEST(ParseQuery, UsgsMessageBareAndWrapped) {
    const std::string message =
        R"({"landsat_product_id":"LC08_L1TP_001005_20230704_20230717_02_T1","s3_location":"x"})";
    EXPECT_EQ(ask(message).scene, (geo::PathRow{1, 5}));
    EXPECT_EQ(ask(R"({"Records":[{"Sns":{"Message":"{\"landsat_product_id\":)"
                  R"(\"LC08_L1TP_001005_20230704_20230717_02_T1\"}"}}]})")
                  .scene,
              (geo::PathRow{1, 5}));
    EXPECT_EQ(refusal(R"({"landsat_product_id":"nonsense"})").code, Exit::bad_input);
    EXPECT_EQ(refusal(R"({"landsat_product_id":7})").code, Exit::bad_input);
}

TEST(ParseQuery, UnknownTilesComeWithAHint) {
    const Error unknown = refusal("13RFR");
    EXPECT_EQ(unknown.code, Exit::usage);
    EXPECT_NE(unknown.hint.find("13SFR"), std::string::npos) << unknown.hint;
    EXPECT_NE(refusal("14UKE").hint.find("13UFV"), std::string::npos);
    EXPECT_NE(refusal("99ABC").hint.find("18SUJ"), std::string::npos);
}

TEST(ParseQuery, RefusesWhatMeansNothing) {
    for (const char* text : {"", "abc", "234001", "001249", "000001", "1,2,3", "1,2,x,4", "200,10",
                             "10,95", "10,20,5,15", "18suj"})
        EXPECT_EQ(refusal(text).code, Exit::usage) << text;
    for (const char* text : {"./nowhere", "nowhere_MTL.txt"})
        EXPECT_EQ(refusal(text).code, Exit::missing_input) << text;
    for (const char* text :
         {"{", R"({"type":"LineString","coordinates":[[1,2],[3,4]]})", R"({"type":"Polygon"})",
          R"({"type":"Polygon","coordinates":[[[0,0],[1,0]]]})", R"({"type":7})", "{}",
          R"({"type":"Point","coordinates":[0,"x"]})", R"({"type":"Point","coordinates":[0,91]})",
          R"({"type":"FeatureCollection","features":[]})"})
        EXPECT_EQ(refusal(text).code, Exit::bad_input) << text;
}

TEST(QueryReader, OneALineOrJsonOverSeveral) {
    std::istringstream in(
        "# wanted\n015033\n\n{\n \"type\": \"Point\", \"name\": \"a } b\",\n"
        " \"coordinates\": [-77, 39.5]\n}\nT18SUJ\n");
    QueryReader reader(in, "stdin");
    EXPECT_TRUE(reader.next()->scene);
    EXPECT_EQ(reader.next()->points.size(), 1U);
    EXPECT_TRUE(reader.next()->tile);
    EXPECT_FALSE(reader.next());
}

TEST(QueryReader, NamesTheLine) {
    std::istringstream in("015033\n99ABC\n");
    QueryReader reader(in, "stdin");
    reader.next();
    try {
        reader.next();
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::bad_input);
        EXPECT_NE(error.message.find("stdin line 2"), std::string::npos) << error.message;
    }
}

TEST(Answer, AHoleIsNotCovered) {
    const auto with_hole = answer(
        ask(R"({"type":"Polygon","coordinates":[[[-78,38],[-75,38],[-75,41],[-78,41],[-78,38]],)"
            R"([[-77.3,39.2],[-77.3,40.2],[-75.9,40.2],[-75.9,39.2],[-77.3,39.2]]]})"),
        {});
    for (const Row& row : with_hole)
        if (row.tile.id() == "18SUJ") {
            EXPECT_LT(row.percent, 60);
        }
}

TEST(Answer, TheAntimeridianIsNoEdge) {
    Rules grid;
    grid.tiles = &geo::TileList::grid();
    const Ids wrapped = tiles_of(ask("179.5,-17,-179.5,-16.5"), grid);
    EXPECT_EQ(wrapped, tiles_of(ask(R"({"type":"Polygon","coordinates":[[[179.5,-17],[-179.5,-17],)"
                                    R"([-179.5,-16.5],[179.5,-16.5],[179.5,-17]]]})"),
                                grid));
    EXPECT_EQ(wrapped,
              tiles_of(ask(R"({"type":"MultiPolygon","coordinates":[[[[179.5,-17],[180,-17],)"
                           R"([180,-16.5],[179.5,-16.5],[179.5,-17]]],[[[-180,-17],)"
                           R"([-179.5,-17],[-179.5,-16.5],[-180,-16.5],[-180,-17]]]]})"),
                       grid));
    EXPECT_LE(wrapped.size(), 12U);
    bool first_zone = false, last_zone = false;
    for (const std::string& id : wrapped) {
        first_zone = first_zone || id.starts_with("01");
        last_zone = last_zone || id.starts_with("60");
    }
    EXPECT_TRUE(first_zone && last_zone);
}

TEST(Answer, TheWholeEarthCoversEveryTile) {
    Rules grid;
    grid.tiles = &geo::TileList::grid();
    const auto rows = answer(ask("-180,-90,180,90"), grid);
    EXPECT_EQ(rows.size(), geo::TileList::grid().tiles().size());
    for (const Row& row : rows) EXPECT_GT(row.percent, 99.99) << row.tile.id();
    // Antarctica as GIS files have it: a ring round the pole.
    const auto south = answer(ask(R"({"type":"Polygon","coordinates":[[[-180,-70],[-90,-70],)"
                                  R"([0,-70],[90,-70],[179,-70],[-180,-70]]]})"),
                              {});
    EXPECT_GT(south.size(), 1300U);
}

TEST(Answer, ScenesOfATileAndTilesOfASceneAgree) {
    for (const char* id : {"18SUJ", "32VKM", "33XVG", "01KBB", "60WWV", "19LBJ"}) {
        const auto rows = answer(ask(id), {});
        ASSERT_FALSE(rows.empty()) << id;
        for (const Row& row : rows) {
            bool found = false;
            for (const Row& back : answer(ask(row.scene->id()), {}))
                if (back.tile.id() == id) {
                    found = true;
                    EXPECT_NEAR(back.percent, row.percent, 1e-9);
                }
            EXPECT_TRUE(found) << id << ' ' << row.scene->id();
        }
        EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end(),
                                   [](const Row& a, const Row& b) { return *a.scene < *b.scene; }));
    }
}

TEST(Answer, LeastCoverAndRows) {
    Rules rules;
    rules.min_cover_percent = 90;
    EXPECT_EQ(tiles_of(ask("015033"), rules), (Ids{"18SUJ"}));
    rules = {};
    const auto by_day = answer(ask("18SUJ"), rules).size();
    rules.rows = geo::Rows::all;
    EXPECT_GT(answer(ask("18SUJ"), rules).size(), by_day);
}

TEST(FormatRows, TableTsvAndNdjson) {
    const Query query = ask("19LBJ");
    const std::vector<Row> rows{{geo::PathRow{3, 67}, *query.tile, 12.34}};
    EXPECT_EQ(header(Format::tsv), "PathRow\tS2TileID\tS2ULX\tS2ULY\tPercentOfS2");
    EXPECT_EQ(format_rows(query, rows, Format::tsv), "003067\t19LBJ\t199980\t8900020\t12.3");
    EXPECT_EQ(format_rows(query, rows, Format::ndjson),
              R"({"input":"19LBJ","pathrow":"003067","tile":"19LBJ","epsg":32719,"ulx":199980,)"
              R"("uly":8900020,"hls_epsg":32619,"hls_uly":-1099980,"percent":12.3})");
    EXPECT_EQ(header(Format::table).size(), format_rows(query, rows, Format::table).size());
}

class MtlFootprint : public testing::Test {
 protected:
    void SetUp() override {
        const char* folder = std::getenv("HLS_TEST_DATA");
        landsat_ = std::filesystem::path(folder ? folder : "../shared/data") / "landsat";
        if (!std::filesystem::exists(landsat_)) GTEST_SKIP() << "no test data";
    }
    std::filesystem::path landsat_;
};

TEST_F(MtlFootprint, AWholeSceneIsSkewedAndACropIsItsBox) {
    // The nominal scene covers this tile almost whole and its neighbours as much as the real one.
    const auto whole =
        answer(ask((landsat_ / "LC09_L1TP_112081_20220209_20220209_02_T1").string()), {});
    double corner = 0, middle = 0;
    for (const Row& row : whole) {
        if (row.tile.id() == "50JMM") middle = row.percent;
        if (row.tile.id() == "50JPN") corner = row.percent;
    }
    EXPECT_GT(middle, 95);
    EXPECT_LT(corner, 9.5);  // 9.9 % of the raster's box, whose corners are empty
    const auto crop =
        answer(ask((landsat_ / "LC08_L1TP_020039_20150804_20200908_02_T1").string()), {});
    double area = 0;
    for (const Row& row : crop) area = std::max(area, row.percent);
    EXPECT_LT(area, 100.0 * 627 * 603 / (3660.0 * 3660) + 0.1);
    EXPECT_EQ(crop.front().scene->id(), "020039");
}

}  // namespace
}  // namespace hls::intersect
