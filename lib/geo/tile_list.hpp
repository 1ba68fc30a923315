// SPDX-License-Identifier: Apache-2.0
// Sets of tiles: all of the grid, those with land, or those a user names.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "geo/mgrs.hpp"

namespace hls::geo {

// One bit per possible tile.
class TileList {
 public:
    // Every tile of the grid, on land or not.
    static const TileList& grid();
    // Tiles with land or within 1 km of it, from share/mgrs/land-tiles.txt as it was when the
    // program was built.
    static const TileList& land();

    // Reads the text of share/mgrs/land-tiles.txt. Throws Error{bad_input} naming `source`.
    static TileList from_bitmap(std::string_view text, std::string_view source);
    // Words of a text that are ids, one or more a line: a list of tiles, or NASA's overlap table.
    // Lines that start with '#' are left out. Throws Error{bad_input} naming `source` if it holds
    // no id.
    static TileList from_ids(std::string_view text, std::string_view source);

    void insert(const MgrsTile& tile) noexcept;
    bool contains(const MgrsTile& tile) const noexcept;
    // By zone, then row from south to north, then column.
    std::vector<MgrsTile> tiles() const;

 private:
    static constexpr int kFirstRow = -94;
    static constexpr int kRowCount = 188;
    using ZoneBits = std::array<std::uint8_t, kRowCount>;  // bit c-1 is column c

    std::array<ZoneBits, 60> bits_{};
};

}  // namespace hls::geo
