// SPDX-License-Identifier: Apache-2.0
// Tiles overlap by 9.8 km, so a window of a few kilometres fits into at least one of them.
#include "chip/window.hpp"

#include <algorithm>
#include <cmath>

namespace hls::chip {
namespace {

constexpr double kSquareM = 100000;

int wrap_zone(int zone) noexcept {
    return (zone + 59) % 60 + 1;
}

int zone_of(double lon_deg) noexcept {
    return wrap_zone(static_cast<int>(std::floor((lon_deg + 180) / 6)) + 1);
}

int snap_down(int value, int step) noexcept {
    const int rest = value % step;
    return value - (rest < 0 ? rest + step : rest);
}

ChipWindow window_in(const geo::MgrsTile& tile, geo::LonLat place, const ChipShape& shape) {
    const TileFrame frame = tile_frame(tile, shape);
    const geo::EastNorth point = frame.utm.forward(place);
    const auto corner = [&](double metres) {
        const int pixel = static_cast<int>(std::floor(metres / shape.pixel_m));
        return snap_down(pixel - shape.size_px / 2, shape.snap_px);
    };
    return {tile, corner(point.x_m - frame.upper_left.x_m),
            corner(frame.upper_left.y_m - point.y_m)};
}

// Pixels between the window and the nearest edge of its tile; negative outside.
int margin(const ChipWindow& window, const ChipShape& shape) {
    const int last = shape.tile_px() - shape.size_px;
    return std::min({window.col, window.row, last - window.col, last - window.row});
}

}  // namespace

TileFrame tile_frame(const geo::MgrsTile& tile, const ChipShape& shape) {
    const bool south = tile.south() && !shape.signed_northing;
    return {shape.signed_northing ? tile.hls_epsg() : tile.epsg(),
            shape.signed_northing ? tile.upper_left() : tile.upper_left_false_northing(),
            geo::Utm({tile.zone, south})};
}

std::optional<ChipWindow> place_window(geo::LonLat place, const ChipShape& shape) {
    std::optional<ChipWindow> best;
    int best_margin = -1;
    for (const int zone : {-1, 0, 1}) {
        geo::MgrsTile tile{wrap_zone(zone_of(place.lon_deg) + zone), 0, 0};
        const geo::EastNorth point = geo::Utm({tile.zone, false}).forward(place);
        const int column = static_cast<int>(std::floor(point.x_m / kSquareM));
        const int row = static_cast<int>(std::floor(point.y_m / kSquareM));
        for (tile.column = column - 1; tile.column <= column; ++tile.column)
            for (tile.row = row; tile.row <= row + 1; ++tile.row) {
                if (tile.column < 1 || tile.column > 8 || !geo::in_tiling_grid(tile)) continue;
                const ChipWindow window = window_in(tile, place, shape);
                const int distance = margin(window, shape);
                const bool better = distance > best_margin || (best && distance == best_margin &&
                                                               tile.id() < best->tile.id());
                if (distance < 0 || !better) continue;
                best = window;
                best_margin = distance;
            }
    }
    return best;
}

double overlap(const ChipWindow& a, const ChipWindow& b, int size_px) noexcept {
    if (a.tile != b.tile) return 0;
    const double across = std::max(0, size_px - std::abs(a.col - b.col));
    const double down = std::max(0, size_px - std::abs(a.row - b.row));
    const double both = across * down;
    return both / (2. * size_px * size_px - both);
}

}  // namespace hls::chip
