// SPDX-License-Identifier: Apache-2.0
// Pictures of the report as SVG text: stacked columns and a map of tiles.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "geo/mgrs.hpp"

namespace hls::joblog {

// Colour class of a state in the page's style sheet ("s-done"), from best to worst.
inline constexpr std::array<std::string_view, 9> kStatesInOrder{
    "done", "skipped", "claimed", "ready", "wait", "retry", "held", "cancelled", "superseded"};

struct Column {
    std::string label;  // 2024-03-07
    // Heights by name of a colour class, from the bottom up.
    std::vector<std::pair<std::string, double>> parts;
};

// Stacked columns with a scale; labels are thinned out to fit.
std::string column_chart(const std::vector<Column>& columns, std::string_view what);

struct TileDot {
    geo::MgrsTile tile;
    std::string state;
    std::string title;  // shown when pointed at
};

// Tiles at their places on land, cut to where they are; longitude is stretched by the cosine of the
// middle latitude.
std::string tile_map(const std::vector<TileDot>& tiles);

}  // namespace hls::joblog
