// SPDX-License-Identifier: Apache-2.0
// Boxes of longitude and latitude as GeoJSON has them: west > east crosses the antimeridian.
#pragma once

#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace hls::fetch {

using Box = std::array<double, 4>;  // west, south, east, north; degrees

// Around points of longitude and latitude. What is wider than half the globe is taken to cross the
// antimeridian. nullopt without points.
std::optional<Box> box_around(const std::vector<std::pair<double, double>>& points);

// They share a point.
bool boxes_meet(const Box& a, const Box& b) noexcept;

// One box, or two where it crosses the antimeridian: none of them does.
std::vector<Box> plain_boxes(const Box& box);

}  // namespace hls::fetch
