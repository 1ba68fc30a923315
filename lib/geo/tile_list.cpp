// SPDX-License-Identifier: Apache-2.0
#include "geo/tile_list.hpp"

#include <fmt/format.h>

#include <bit>
#include <optional>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "geo/land_tiles.hpp"

namespace hls::geo {
namespace {

std::optional<std::uint8_t> hex_byte(std::string_view pair) noexcept {
    if (pair == "..") return std::uint8_t{0};
    unsigned value = 0;
    for (const char c : pair) {
        const auto digit = std::string_view{"0123456789abcdef"}.find(c);
        if (digit == std::string_view::npos) return std::nullopt;
        value = value * 16 + static_cast<unsigned>(digit);
    }
    return static_cast<std::uint8_t>(value);
}

}  // namespace

const TileList& TileList::grid() {
    static const TileList list = [] {
        TileList all;
        for (int zone = 1; zone <= 60; ++zone)
            for (int row = kFirstRow; row < kFirstRow + kRowCount; ++row)
                for (int column = 1; column <= 8; ++column)
                    if (in_tiling_grid({zone, column, row})) all.insert({zone, column, row});
        return all;
    }();
    return list;
}

const TileList& TileList::land() {
    static const TileList list = from_bitmap(land_tiles_text(), "the built-in list of land tiles");
    return list;
}

TileList TileList::from_bitmap(std::string_view text, std::string_view source) {
    TileList list;
    int line_number = 0;
    for (const std::string_view line : split(text, '\n')) {
        ++line_number;
        if (line.empty() || line.front() == '#') continue;
        const auto words = split_words(line);
        const auto row = to_int(words.front());
        bool good = words.size() == 2 && row && *row >= kFirstRow && *row < kFirstRow + kRowCount &&
                    words[1].size() == 2 * list.bits_.size();
        for (std::size_t zone = 0; good && zone < list.bits_.size(); ++zone) {
            const auto byte = hex_byte(words[1].substr(2 * zone, 2));
            good = byte.has_value();
            if (good) list.bits_[zone][static_cast<std::size_t>(*row - kFirstRow)] = *byte;
        }
        if (!good)
            throw Error{Exit::bad_input,
                        fmt::format("{}: line {} is not a row of tiles", source, line_number)};
    }
    return list;
}

TileList TileList::from_ids(std::string_view text, std::string_view source) {
    TileList list;
    bool any = false;
    for (const std::string_view line : split(text, '\n')) {
        if (!line.empty() && line.front() == '#') continue;
        for (const std::string_view word : split_words(line)) {
            const auto tile = parse_mgrs_tile(word);
            if (!tile || !in_tiling_grid(*tile)) continue;
            list.insert(*tile);
            any = true;
        }
    }
    if (!any)
        throw Error{Exit::bad_input, fmt::format("{}: holds no tile id", source),
                    "one id such as 18SUJ a line"};
    return list;
}

void TileList::insert(const MgrsTile& tile) noexcept {
    bits_[static_cast<std::size_t>(tile.zone - 1)]
         [static_cast<std::size_t>(tile.row - kFirstRow)] |=
        static_cast<std::uint8_t>(1U << (tile.column - 1));
}

bool TileList::contains(const MgrsTile& tile) const noexcept {
    if (tile.zone < 1 || tile.zone > 60 || tile.column < 1 || tile.column > 8) return false;
    if (tile.row < kFirstRow || tile.row >= kFirstRow + kRowCount) return false;
    const auto byte = bits_[static_cast<std::size_t>(tile.zone - 1)]
                           [static_cast<std::size_t>(tile.row - kFirstRow)];
    return (byte >> (tile.column - 1) & 1) != 0;
}

std::vector<MgrsTile> TileList::tiles() const {
    std::vector<MgrsTile> all;
    for (int zone = 1; zone <= 60; ++zone)
        for (int row = kFirstRow; row < kFirstRow + kRowCount; ++row)
            for (int column = 1; column <= 8; ++column)
                if (contains({zone, column, row})) all.push_back({zone, column, row});
    return all;
}

}  // namespace hls::geo
