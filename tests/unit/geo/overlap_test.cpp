// SPDX-License-Identifier: Apache-2.0
#include "geo/overlap.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "core/parse.hpp"
#include "test_data.hpp"

namespace hls::geo {
namespace {

using Table = std::map<std::string, std::map<std::string, double>>;  // path/row, tile, percent

Table published_overlaps() {
    std::ifstream in(test_data("grid/pathrow_tile_overlap_sample.txt"));
    Table table;
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
        const auto words = split_words(line);
        table[std::string(words[0])][std::string(words[1])] = *to_double(words[4]);
    }
    return table;
}

std::map<std::string, double> computed_overlaps(const std::string& scene) {
    std::map<std::string, double> computed;
    for (const TileCover& cover :
         covered_tiles(scene_region(*parse_path_row(scene)), TileList::land()))
        computed[cover.tile.id()] = cover.percent;
    return computed;
}

// The bars are 99.5 % and 1.2 points; these are closer to what is reached, to notice a step back.
TEST(Overlap, AgreesWithPublishedTable) {
    if (!has_test_data()) GTEST_SKIP() << "no test data";
    const Table table = published_overlaps();
    ASSERT_EQ(table.size(), 1500U);
    double error_sum = 0, bias_sum = 0;
    int records = 0, large = 0, found = 0, others = 0;
    for (const auto& [scene, tiles] : table) {
        auto computed = computed_overlaps(scene);
        for (const auto& [tile, percent] : tiles) {
            const double difference = computed[tile] - percent;  // 0 where it is not found
            ++records;
            error_sum += std::abs(difference);
            bias_sum += difference;
            if (percent >= 2) {
                ++large;
                found += computed[tile] > 0;
            }
        }
        for (const auto& [tile, percent] : computed)
            others += percent >= 2 && !tiles.contains(tile);
    }
    const double recall = 100.0 * found / large;
    const double error = error_sum / records;
    std::printf("recall %.3f %% of %d records, mean error %.3f, bias %.3f, %d further records\n",
                recall, large, error, bias_sum / records, others);
    EXPECT_GE(recall, 99.9);
    EXPECT_LE(error, 0.4);
}

TEST(Overlap, SquareInTheMiddleOfATile) {
    const MgrsTile tile = *parse_mgrs_tile("32VKM");
    const EastNorth corner = tile.upper_left();
    const Utm utm({32});
    std::vector<LonLat> ring;
    constexpr int points = 40;  // straight in UTM, so many short edges
    const EastNorth corners[]{
        {20000, 20000}, {70000, 20000}, {70000, 60000}, {20000, 60000}, {20000, 20000}};
    for (int side = 0; side < 4; ++side)
        for (int k = 0; k < points; ++k) {
            const double t = static_cast<double>(k) / points;
            const auto& a = corners[side];
            const auto& b = corners[side + 1];
            ring.push_back(utm.inverse({corner.x_m + a.x_m + t * (b.x_m - a.x_m),
                                        corner.y_m - a.y_m - t * (b.y_m - a.y_m)}));
        }
    Region region;
    region.add_outer(ring);
    const double whole = 100 * 50000.0 * 40000 / (kTileSizeM * kTileSizeM);
    EXPECT_NEAR(cover_percent(region, tile), whole, 1e-3);
    std::reverse(ring.begin(), ring.end());
    region.add_hole(ring);
    EXPECT_NEAR(cover_percent(region, tile), 0, 1e-6);
    EXPECT_EQ(cover_percent(region, *parse_mgrs_tile("19LBJ")), 0);
}

TEST(TilesAt, PlacesInOverlapsLieOnSeveralTiles) {
    const MgrsTile tile = *parse_mgrs_tile("18SUJ");
    const EastNorth corner = tile.upper_left();
    const Utm utm({18});
    const auto at = [&](double right_m, double down_m) {
        return tiles_at(utm.inverse({corner.x_m + right_m, corner.y_m - down_m}), TileList::grid());
    };
    EXPECT_EQ(at(50000, 50000), std::vector<MgrsTile>{tile});
    EXPECT_EQ(at(105000, 105000).size(), 4U);
    EXPECT_TRUE(tiles_at({0, 89}, TileList::grid()).empty());
}

}  // namespace
}  // namespace hls::geo
