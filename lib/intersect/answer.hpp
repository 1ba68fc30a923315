// SPDX-License-Identifier: Apache-2.0
// What the intersection of scenes, areas and tiles is, and how it is printed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "geo/overlap.hpp"
#include "intersect/query.hpp"

namespace hls::intersect {

struct Row {
    std::optional<geo::PathRow> scene;  // none for areas and places
    geo::MgrsTile tile;
    double percent = 0;  // of the tile's area; 0 for a place
};

struct Rules {
    const geo::TileList* tiles = &geo::TileList::land();  // not looked at when a tile is asked for
    geo::Rows rows = geo::Rows::day;
    double min_cover_percent = 0;
};

// Rows sorted by tile, or by path and row when a tile was asked for. Cover that rounds to 0.0 % is
// left out, as are tiles with less than the least cover; both rules spare places.
std::vector<Row> answer(const Query& query, const Rules& rules);

enum class Format { table, tsv, ndjson };

// The first line, without line end; empty for ndjson.
std::string header(Format format);
// Lines without the last line end. tsv has the columns of NASA's overlap table (spec tiling 1.2),
// with false northing in the south; ndjson adds EPSG codes and the signed northing of HLS.
std::string format_rows(const Query& query, const std::vector<Row>& rows, Format format);

}  // namespace hls::intersect
