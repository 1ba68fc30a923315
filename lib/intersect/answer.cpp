// SPDX-License-Identifier: Apache-2.0
#include "intersect/answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

namespace hls::intersect {
namespace {

constexpr double kLeastShownPercent = 0.05;  // rounds to 0.1

std::string json_string(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string scene_of(const Row& row) {
    return row.scene ? row.scene->id() : "-";
}

}  // namespace

std::vector<Row> answer(const Query& query, const Rules& rules) {
    std::vector<Row> rows;
    if (query.tile)
        for (const geo::SceneCover& cover : geo::covering_scenes(*query.tile, rules.rows))
            rows.push_back({cover.scene, *query.tile, cover.percent});
    else
        for (const geo::TileCover& cover : geo::covered_tiles(query.region, *rules.tiles))
            rows.push_back({query.scene, cover.tile, cover.percent});
    const double least = std::max(rules.min_cover_percent, kLeastShownPercent);
    std::erase_if(rows, [least](const Row& row) { return row.percent < least; });
    for (const geo::LonLat& place : query.points)
        for (const geo::MgrsTile& tile : geo::tiles_at(place, *rules.tiles))
            if (std::none_of(rows.begin(), rows.end(),
                             [&](const Row& row) { return row.tile == tile; }))
                rows.push_back({query.scene, tile, 0});
    return rows;
}

std::string header(Format format) {
    switch (format) {
        case Format::table:
            return "PATHROW  TILE   EPSG      ULX      ULY  COVER%";
        case Format::tsv:
            return "PathRow\tS2TileID\tS2ULX\tS2ULY\tPercentOfS2";
        case Format::ndjson:
            break;
    }
    return {};
}

std::string format_rows(const Query& query, const std::vector<Row>& rows, Format format) {
    fmt::memory_buffer text;
    const auto out = std::back_inserter(text);
    const std::string input = format == Format::ndjson ? json_string(query.text) : std::string{};
    for (const Row& row : rows) {
        const geo::EastNorth corner = row.tile.upper_left_false_northing();
        if (text.size() > 0) text.push_back('\n');
        switch (format) {
            case Format::table:
                fmt::format_to(out, "{:7}  {}  {}  {:6.0f}  {:7.0f}  {:6.1f}", scene_of(row),
                               row.tile.id(), row.tile.epsg(), corner.x_m, corner.y_m, row.percent);
                break;
            case Format::tsv:
                fmt::format_to(out, "{}\t{}\t{:.0f}\t{:.0f}\t{:.1f}", scene_of(row), row.tile.id(),
                               corner.x_m, corner.y_m, row.percent);
                break;
            case Format::ndjson:
                fmt::format_to(
                    out,
                    R"({{"input":{},"pathrow":{},"tile":"{}","epsg":{},"ulx":{:.0f},"uly":{:.0f},)"
                    R"("hls_epsg":{},"hls_uly":{:.0f},"percent":{:.1f}}})",
                    input, row.scene ? '"' + row.scene->id() + '"' : "null", row.tile.id(),
                    row.tile.epsg(), corner.x_m, corner.y_m, row.tile.hls_epsg(),
                    row.tile.upper_left().y_m, row.percent);
                break;
        }
    }
    return fmt::to_string(text);
}

}  // namespace hls::intersect
