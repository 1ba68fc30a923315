// SPDX-License-Identifier: Apache-2.0
#include "geo/wrs2.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <numbers>

#include "core/parse.hpp"

namespace hls::geo {
namespace {

constexpr double kDegree = std::numbers::pi / 180;
constexpr double kE2 = 0.00669438;
constexpr double kSphereM = 6371000;
constexpr double kInclination = 98.2 * kDegree;
constexpr double kFirstNodeLonDeg = -64.6;  // path 1, descending
constexpr double kDescendingNodeRow = 60;
constexpr double kRevolutionDays = 16.0 / kWrsPaths;
// Swath and length of a scene on the ground, round numbers: the best fit to NASA's overlap table is
// within 200 m of them.
constexpr double kAcrossM = 185000;
constexpr double kAlongM = 170000;

// The ground point that is seen `right` of the track (as an angle at the Earth's centre, in flight
// direction) when the satellite is `row` rows along its orbit. Scan lines stand at right angles to
// the orbit in space, while the ground turns below it: so scenes are no rectangles.
LonLat ground_point(int path, double row, double right) noexcept {
    const double u = (kDescendingNodeRow - row) * 2 * std::numbers::pi / kWrsRows;
    const double sin_i = std::sin(kInclination);
    const double cos_i = -std::cos(kInclination);  // retrograde, seen from the descending node
    const double x = std::cos(u) * std::cos(right);
    const double y = std::sin(u) * cos_i * std::cos(right) - sin_i * std::sin(right);
    const double z = std::sin(u) * sin_i * std::cos(right) + cos_i * std::sin(right);
    const double latitude = std::atan2(z, std::hypot(x, y) * (1 - kE2));
    const double lon_deg = kFirstNodeLonDeg - (path - 1) * 360.0 / kWrsPaths +
                           std::atan2(y, x) / kDegree + u / kDegree * kRevolutionDays;
    return {std::remainder(lon_deg, 360.0), latitude / kDegree};
}

}  // namespace

std::string PathRow::id() const {
    return fmt::format("{:03}{:03}", path, row);
}

std::optional<PathRow> parse_path_row(std::string_view text) noexcept {
    if (text.size() != 6) return std::nullopt;
    for (const char c : text)
        if (c < '0' || c > '9') return std::nullopt;
    const auto path = to_int(text.substr(0, 3));
    const auto row = to_int(text.substr(3));
    if (*path < 1 || *path > kWrsPaths || *row < 1 || *row > kWrsRows) return std::nullopt;
    return PathRow{static_cast<int>(*path), static_cast<int>(*row)};
}

bool is_day_row(int row) noexcept {
    return row <= 122 || row >= 229;
}

LonLat scene_center(PathRow scene) noexcept {
    return ground_point(scene.path, scene.row, 0);
}

std::array<LonLat, 4> scene_corners(PathRow scene) noexcept {
    constexpr double half_across = kAcrossM / 2 / kSphereM;
    constexpr double half_rows = kAlongM / 2 / kSphereM * kWrsRows / (2 * std::numbers::pi);
    return {ground_point(scene.path, scene.row - half_rows, half_across),
            ground_point(scene.path, scene.row - half_rows, -half_across),
            ground_point(scene.path, scene.row + half_rows, -half_across),
            ground_point(scene.path, scene.row + half_rows, half_across)};
}

}  // namespace hls::geo
