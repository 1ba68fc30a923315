// SPDX-License-Identifier: Apache-2.0
// The second Worldwide Reference System of Landsat, computed from the orbit.
#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "geo/utm.hpp"

namespace hls::geo {

inline constexpr int kWrsPaths = 233;
inline constexpr int kWrsRows = 248;

struct PathRow {
    int path = 1;  // 1..233
    int row = 1;   // 1..248

    auto operator<=>(const PathRow&) const = default;

    // "015032"
    std::string id() const;
};

// Reads "015032". nullopt unless path and row exist.
std::optional<PathRow> parse_path_row(std::string_view text) noexcept;

// Rows that are lit at some time of the year: the descending half of the orbit (1 to 122) and the
// northern end of the ascending one (229 to 248).
bool is_day_row(int row) noexcept;

// Scene centre on the ground, from a circular orbit that repeats after 233 revolutions in 16 days,
// with row 60 at the descending node (spec tiling 1.3).
LonLat scene_center(PathRow scene) noexcept;

// Corners of the nominal scene, seen in flight direction: rear right, rear left, front left, front
// right. Each from the moment at which the satellite sees it, so that the turning of the Earth
// skews the scene. The published scenes are these corners joined by lines that are straight in
// longitude and latitude.
std::array<LonLat, 4> scene_corners(PathRow scene) noexcept;

}  // namespace hls::geo
