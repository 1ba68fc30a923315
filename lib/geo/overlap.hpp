// SPDX-License-Identifier: Apache-2.0
// How much of which tile a region covers, computed in the UTM plane of each tile.
#pragma once

#include <vector>

#include "geo/mgrs.hpp"
#include "geo/region.hpp"
#include "geo/tile_list.hpp"
#include "geo/wrs2.hpp"

namespace hls::geo {

struct TileCover {
    MgrsTile tile;
    double percent = 0;  // of the tile's area, (0, 100]
};

// Tiles of `list` that the region covers in part or whole, sorted by id.
std::vector<TileCover> covered_tiles(const Region& region, const TileList& list);

// Tiles of `list` that hold the point, sorted by id.
std::vector<MgrsTile> tiles_at(LonLat place, const TileList& list);

// Share of the tile that the region covers, 0 to 100.
double cover_percent(const Region& region, const MgrsTile& tile);

struct SceneCover {
    PathRow scene;
    double percent = 0;  // of the tile's area
};

enum class Rows { day, all };

// Nominal scenes that cover part of the tile, sorted by path and row.
std::vector<SceneCover> covering_scenes(const MgrsTile& tile, Rows rows);

// The nominal scene as a region.
Region scene_region(PathRow scene);

}  // namespace hls::geo
