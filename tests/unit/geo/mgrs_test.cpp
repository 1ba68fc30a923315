// SPDX-License-Identifier: Apache-2.0
#include "geo/mgrs.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "geo/tile_list.hpp"
#include "test_data.hpp"

namespace hls::geo {
namespace {

struct Corner {
    const char* id;
    double x_m, y_m;  // false northing in the south
};

TEST(MgrsTile, CornersOfTheSpec) {
    constexpr Corner corners[]{{"19LBJ", 199980, 8900020}, {"52TDN", 399960, 4800000},
                               {"32VKM", 199980, 6700020}, {"32VLN", 300000, 6800040},
                               {"33XVG", 399960, 8700000}, {"28XEQ", 499980, 9000000},
                               {"27XWH", 499980, 8800020}, {"19HBU", 199980, 5900020}};
    for (const Corner& corner : corners) {
        const auto tile = parse_mgrs_tile(corner.id);
        ASSERT_TRUE(tile) << corner.id;
        EXPECT_EQ(tile->upper_left_false_northing().x_m, corner.x_m) << corner.id;
        EXPECT_EQ(tile->upper_left_false_northing().y_m, corner.y_m) << corner.id;
        EXPECT_EQ(tile->id(), corner.id);
        EXPECT_TRUE(in_tiling_grid(*tile)) << corner.id;
    }
}

TEST(MgrsTile, SignedNorthingAndCodesInTheSouth) {
    const auto tile = parse_mgrs_tile("T19LBJ");
    ASSERT_TRUE(tile);
    EXPECT_EQ(tile->upper_left().y_m, -1099980);
    EXPECT_EQ(tile->epsg(), 32719);
    EXPECT_EQ(tile->hls_epsg(), 32619);
    EXPECT_EQ(parse_mgrs_tile("52TDN")->epsg(), 32652);
}

TEST(MgrsTile, BandIsThatOfTheSquaresCenter) {
    const auto tile = parse_mgrs_tile("13SFR");
    ASSERT_TRUE(tile);
    EXPECT_EQ(tile->id(), "13SFR");
    EXPECT_EQ(parse_mgrs_tile("13RFR")->id(), "13SFR");
}

TEST(MgrsTile, RefusesWhatIsNoId) {
    for (const char* text : {"", "19LB", "19LBJX", "00LBJ", "61LBJ", "19IBJ", "19LBI", "19LBO",
                             "19LBW", "19LSJ", "19lbj", "1 LBJ", "X19LBJ", "19ABJ"})
        EXPECT_FALSE(parse_mgrs_tile(text)) << text;
}

TEST(TilingGrid, NorwaySvalbardAndPolarEdge) {
    const auto exists = [](const char* id) { return in_tiling_grid(*parse_mgrs_tile(id)); };
    EXPECT_TRUE(exists("32VKM"));
    EXPECT_FALSE(exists("31VGF"));
    EXPECT_TRUE(exists("33XVG"));
    EXPECT_TRUE(exists("24XWU"));   // northern end of Greenland
    EXPECT_FALSE(exists("14UKE"));  // a sliver that zone 13 covers
    EXPECT_TRUE(exists("01KAU"));   // the like in zone 1
    for (int column = 1; column <= 8; ++column)
        for (int row = 80; row <= 93; ++row)
            for (const int zone : {32, 34, 36}) EXPECT_FALSE(in_tiling_grid({zone, column, row}));
}

TEST(TilingGrid, EveryTileOfTheGridKeepsItsName) {
    const auto tiles = TileList::grid().tiles();
    EXPECT_GT(tiles.size(), 56000U);
    std::set<std::string> ids;
    for (const MgrsTile& tile : tiles) {
        const auto again = parse_mgrs_tile(tile.id());
        ASSERT_TRUE(again && *again == tile) << tile.id();
        ids.insert(tile.id());
    }
    EXPECT_EQ(ids.size(), tiles.size());
}

struct ListedTile {
    std::string id;
    int epsg;
    double x_m, y_m;
};

std::vector<ListedTile> listed_tiles() {
    std::ifstream in(test_data("grid/s2_land_tiles_utm.csv"));
    std::vector<ListedTile> tiles;
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
        const auto fields = split(line, ',');
        tiles.push_back({std::string(fields[0]), static_cast<int>(*to_int(fields[1])),
                         *to_double(fields[2]), *to_double(fields[3])});
    }
    return tiles;
}

TEST(TilingGrid, CornersOfAllListedTiles) {
    if (!has_test_data()) GTEST_SKIP() << "no test data";
    const auto listed = listed_tiles();
    ASSERT_EQ(listed.size(), 20430U);
    for (const ListedTile& expected : listed) {
        const auto tile = parse_mgrs_tile(expected.id);
        ASSERT_TRUE(tile) << expected.id;
        const EastNorth corner = tile->upper_left_false_northing();
        EXPECT_EQ(tile->id(), expected.id);
        EXPECT_EQ(tile->epsg(), expected.epsg) << expected.id;
        EXPECT_EQ(corner.x_m, expected.x_m) << expected.id;
        EXPECT_EQ(corner.y_m, expected.y_m) << expected.id;
    }
}

TEST(LandTiles, HoldTheListedOnesAndFewOthers) {
    if (!has_test_data()) GTEST_SKIP() << "no test data";
    const auto listed = listed_tiles();
    std::size_t held = 0;
    for (const ListedTile& expected : listed) {
        const auto tile = parse_mgrs_tile(expected.id);
        held += TileList::land().contains(*tile);
    }
    const auto count = static_cast<double>(listed.size());
    const double recall = 100 * static_cast<double>(held) / count;
    const double others = 100 * static_cast<double>(TileList::land().tiles().size() - held) / count;
    std::printf("land tiles: %.2f %% of the listed ones, %.2f %% others\n", recall, others);
    EXPECT_GE(recall, 99.5);
    EXPECT_LE(others, 5.0);
}

TEST(LandTiles, LieInTheGrid) {
    for (const MgrsTile& tile : TileList::land().tiles())
        EXPECT_TRUE(TileList::grid().contains(tile)) << tile.id();
}

TEST(TileList, ReadsIdsAndOverlapTables) {
    const auto list = TileList::from_ids(
        "# mine\n18SUJ\nT19LBJ\nPathRow S2TileID S2ULX S2ULY PercentOfS2\n"
        "001004 27XVG 399960 8700000 4.0\n",
        "list");
    EXPECT_EQ(list.tiles().size(), 3U);
    EXPECT_TRUE(list.contains(*parse_mgrs_tile("27XVG")));
    EXPECT_THROW(TileList::from_ids("nothing\n", "list"), Error);
}

TEST(TileList, RefusesADamagedBitmap) {
    EXPECT_THROW(TileList::from_bitmap("+10 ff\n", "x"), Error);
    EXPECT_THROW(TileList::from_bitmap("+99 " + std::string(120, '.') + "\n", "x"), Error);
    EXPECT_THROW(TileList::from_bitmap("+10 " + std::string(119, '.') + "z\n", "x"), Error);
    EXPECT_EQ(TileList::from_bitmap("+10 " + std::string(118, '.') + "81\n", "x").tiles().size(),
              2U);
}

}  // namespace
}  // namespace hls::geo
