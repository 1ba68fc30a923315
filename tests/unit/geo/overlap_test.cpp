// SPDX-License-Identifier: Apache-2.0
#include "geo/overlap.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <string>

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

TEST(Overlap, AgreesWithPublishedTable) {
    if (!has_test_data()) GTEST_SKIP() << "no test data";
    const Table table = published_overlaps();
    ASSERT_EQ(table.size(), 1500U);
    double error_sum = 0, bias_sum = 0;
    int records = 0, found = 0, matched = 0;
    std::map<int, std::array<double, 3>> by_row;
    for (const auto& [scene, tiles] : table) {
        std::map<std::string, double> computed;
        for (const TileCover& cover :
             covered_tiles(scene_region(*parse_path_row(scene)), TileList::land()))
            computed[cover.tile.id()] = cover.percent;
        for (const auto& [tile, percent] : tiles) {
            const auto it = computed.find(tile);
            const bool hit = it != computed.end();
            if (percent >= 2) {
                ++records;
                found += hit;
            }
            if (!hit) continue;
            ++matched;
            error_sum += std::abs(it->second - percent);
            bias_sum += it->second - percent;
            auto& row = by_row[parse_path_row(scene)->row / 10];
            row[0] += 1;
            row[1] += std::abs(it->second - percent);
            row[2] += it->second - percent;
        }
    }
    const double recall = 100.0 * found / records;
    const double error = error_sum / matched;
    std::printf("recall %.3f %% of %d, mean error %.3f, bias %.3f\n", recall, records, error,
                bias_sum / matched);
    for (const auto& [row, v] : by_row)
        std::printf("  rows %d: %4.0f %.2f %+.2f\n", row * 10, v[0], v[1] / v[0], v[2] / v[0]);
    EXPECT_GE(recall, 99.5);
    EXPECT_LE(error, 1.2);
}

}  // namespace
}  // namespace hls::geo
