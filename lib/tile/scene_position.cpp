// SPDX-License-Identifier: Apache-2.0
#include "tile/scene_position.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"
#include "geo/utm.hpp"
#include "tile/cubic_window.hpp"

namespace hls::tile {
namespace {

constexpr double kSouthFalseNorthing = 1e7;
// Cubic interpolation over nodes 64 pixels (1920 m) apart: the error is below 1e-8 m.
constexpr int kSpacing = 64;

int floor_div(int a, int b) noexcept {
    return a >= 0 ? a / b : -((b - 1 - a) / b);
}

// Weights of the nodes at -1, 0, 1, 2 for a point at t in [0, 1).
std::array<double, 4> lagrange(double t) noexcept {
    return {-t * (t - 1) * (t - 2) / 6, (t + 1) * (t - 1) * (t - 2) / 2, -(t + 1) * t * (t - 2) / 2,
            (t + 1) * t * (t - 1) / 6};
}

const auto kPhaseWeights = [] {
    std::array<std::array<double, 4>, kSpacing> table{};
    for (int i = 0; i < kSpacing; ++i)
        table[static_cast<std::size_t>(i)] = lagrange(static_cast<double>(i) / kSpacing);
    return table;
}();

// Pixels of the windows around positions from `lowest` to `highest`. Zones on the other side of the
// globe give positions that are not finite; they are no part of any scene.
Range window_range(double lowest, double highest) noexcept {
    constexpr double kFar = 1e8;
    if (!(std::abs(lowest) < kFar && std::abs(highest) < kFar)) return {};
    return {first_cubic_tap(lowest), first_cubic_tap(highest) + 4};
}

const std::array<double, 4>& phase_weights(int phase) noexcept {
    return kPhaseWeights[static_cast<std::size_t>(phase)];
}

}  // namespace

io::Grid signed_grid(const io::Grid& grid, std::string_view what) {
    const auto zone = geo::utm_zone_of_epsg(grid.epsg);
    if (!zone)
        throw Error{Exit::bad_input,
                    fmt::format("{}: EPSG:{} is not WGS 84 / UTM", what, grid.epsg)};
    io::Grid result = grid;
    result.epsg = geo::utm_epsg({zone->zone, false});
    if (zone->south) result.uly_m -= kSouthFalseNorthing;
    return result;
}

ScenePosition::ScenePosition(const io::Grid& tile, const io::Grid& scene)
    : same_zone_(tile.epsg == scene.epsg), tile_(tile), scene_(scene) {
    if (!same_zone_) {
        make_nodes();
        return;
    }
    const double row = same_zone_row(0);
    const double col = same_zone_col(0);
    on_corners_ = row == std::floor(row) && col == std::floor(col);
}

double ScenePosition::same_zone_row(int tile_row) const noexcept {
    return (scene_.uly_m - (tile_.uly_m - (tile_row + 0.5) * tile_.pixel_m)) / scene_.pixel_m;
}

double ScenePosition::same_zone_col(int tile_col) const noexcept {
    return ((tile_.ulx_m + (tile_col + 0.5) * tile_.pixel_m) - scene_.ulx_m) / scene_.pixel_m;
}

void ScenePosition::make_nodes() {
    const io::Grid& tile = tile_;
    const io::Grid& scene = scene_;
    const double size = tile.pixel_m;
    first_row_ = static_cast<int>(std::lround(-tile.uly_m / size));
    first_col_ = static_cast<int>(std::lround(tile.ulx_m / size));
    // 0 for all tiles of the MGRS, whose corners are multiples of 60 m.
    const double north = tile.uly_m + first_row_ * size;
    const double west = tile.ulx_m - first_col_ * size;
    const int top = floor_div(first_row_, kSpacing) - 1;
    const int left = floor_div(first_col_, kSpacing) - 1;
    const int rows = floor_div(first_row_ + tile.rows - 1, kSpacing) + 3 - top;
    const int cols = floor_div(first_col_ + tile.cols - 1, kSpacing) + 3 - left;
    const geo::Utm from(*geo::utm_zone_of_epsg(tile.epsg));
    const geo::Utm to(*geo::utm_zone_of_epsg(scene.epsg));
    node_rows_ = Plane<double>(rows, cols);
    node_cols_ = Plane<double>(rows, cols);
    for (int r = 0; r < rows; ++r) {
        for (int c = 0; c < cols; ++c) {
            const double x = west + ((left + c) * kSpacing + 0.5) * size;
            const double y = north - ((top + r) * kSpacing + 0.5) * size;
            const auto place = to.forward(from.inverse({x, y}));
            node_rows_(r, c) = (scene.uly_m - place.y_m) / scene.pixel_m;
            node_cols_(r, c) = (place.x_m - scene.ulx_m) / scene.pixel_m;
        }
    }
}

void ScenePosition::row(int tile_row, std::span<double> rows,
                        std::span<double> cols) const noexcept {
    if (!same_zone_) return interpolate(tile_row, rows, cols);
    std::fill(rows.begin(), rows.end(), same_zone_row(tile_row));
    for (std::size_t c = 0; c < cols.size(); ++c) cols[c] = same_zone_col(static_cast<int>(c));
}

Range ScenePosition::scene_rows(Range tile_rows) const noexcept {
    if (same_zone_)
        return window_range(same_zone_row(tile_rows.first), same_zone_row(tile_rows.end - 1));
    // All nodes that the rows are interpolated from enclose them.
    const int origin = floor_div(first_row_, kSpacing);
    const int top = floor_div(first_row_ + tile_rows.first, kSpacing) - origin;
    const int bottom = floor_div(first_row_ + tile_rows.end - 1, kSpacing) - origin + 3;
    const auto begin = node_rows_.row(top).begin();
    const auto end = node_rows_.row(bottom).end();
    const auto [lowest, highest] = std::minmax_element(begin, end);
    return window_range(*lowest, *highest);
}

Range ScenePosition::scene_cols() const noexcept {
    if (same_zone_) return window_range(same_zone_col(0), same_zone_col(tile_.cols - 1));
    const auto& nodes = node_cols_.cells();
    const auto [lowest, highest] = std::minmax_element(nodes.begin(), nodes.end());
    return window_range(*lowest, *highest);
}

void ScenePosition::interpolate(int tile_row, std::span<double> rows,
                                std::span<double> cols) const noexcept {
    const int absolute_row = first_row_ + tile_row;
    const int node_row = floor_div(absolute_row, kSpacing);
    const int top = node_row - floor_div(first_row_, kSpacing);
    const auto& down = phase_weights(absolute_row - node_row * kSpacing);
    const auto at_column = [&](const Plane<double>& nodes, int col) {
        return down[0] * nodes(top, col) + down[1] * nodes(top + 1, col) +
               down[2] * nodes(top + 2, col) + down[3] * nodes(top + 3, col);
    };
    const int first_node = floor_div(first_col_, kSpacing);
    for (std::size_t c = 0; c < cols.size();) {
        const int absolute_col = first_col_ + static_cast<int>(c);
        const int node_col = floor_div(absolute_col, kSpacing);
        const int left = node_col - first_node;
        std::array<double, 4> r{};
        std::array<double, 4> q{};
        for (int k = 0; k < 4; ++k) {
            r[static_cast<std::size_t>(k)] = at_column(node_rows_, left + k);
            q[static_cast<std::size_t>(k)] = at_column(node_cols_, left + k);
        }
        for (int phase = absolute_col - node_col * kSpacing; phase < kSpacing && c < cols.size();
             ++phase, ++c) {
            const auto& w = phase_weights(phase);
            rows[c] = w[0] * r[0] + w[1] * r[1] + w[2] * r[2] + w[3] * r[3];
            cols[c] = w[0] * q[0] + w[1] * q[1] + w[2] * q[2] + w[3] * q[3];
        }
    }
}

}  // namespace hls::tile
