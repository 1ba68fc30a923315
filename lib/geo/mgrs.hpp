// SPDX-License-Identifier: Apache-2.0
// Tiles of the Sentinel-2 tiling grid, which HLS uses: names, corners, which of them exist.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "geo/utm.hpp"

namespace hls::geo {

// Tiles are 109.8 km wide: 10980 pixels of 10 m, 3660 of 30 m. They start at a 100 km square of the
// Military Grid Reference System and reach 9.8 km into the squares east and south of it.
inline constexpr double kTileSizeM = 109800;

// One tile, identified by its 100 km square. The northing is signed: the equator is 0 and the south
// is negative, without false northing.
struct MgrsTile {
    int zone = 0;    // 1..60
    int column = 0;  // easting of the square's western edge in 100 km, 1..8
    int row = 0;     // northing of its southern edge in 100 km, -94..93

    auto operator<=>(const MgrsTile&) const = default;

    bool south() const noexcept { return row < 0; }
    // Latitude band, C to X without I and O: that of the square's centre.
    char band() const noexcept;
    // "19LBJ"
    std::string id() const;
    // Outer upper-left corner in the northern definition of the zone (EPSG:326zz): both coordinates
    // are multiples of 60 m, so that pixels of 10, 20, 30 and 60 m fit, and the corner lies up to
    // 59 m west and north of the square's (spec tiling 1.1).
    EastNorth upper_left() const noexcept;
    // The same in the tile's own hemisphere, with false northing in the south.
    EastNorth upper_left_false_northing() const noexcept;
    // 326zz, 327zz in the south.
    int epsg() const noexcept;
    // 326zz always: HLS products use negative northings in the south.
    int hls_epsg() const noexcept;
};

// Reads "19LBJ" or "T19LBJ". nullopt if the letters cannot name a square of the zone. The band only
// says which 2000 km cycle of rows is meant, so an id with a neighbouring band finds the same tile,
// as "13RFR" finds 13SFR: compare id() to know.
std::optional<MgrsTile> parse_mgrs_tile(std::string_view text) noexcept;

// Whether the tile is one of the grid. A square has a tile in a zone if its western half touches
// the zone, with the exceptions of Norway (31V, 32V) and Svalbard (31X to 37X); narrower slivers in
// the west belong to tiles of the zone before, except in zone 1, which starts the sequence.
bool in_tiling_grid(const MgrsTile& tile) noexcept;

}  // namespace hls::geo
