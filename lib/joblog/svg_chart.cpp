// SPDX-License-Identifier: Apache-2.0
#include "joblog/svg_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/escape.hpp"
#include "geo/tile_list.hpp"
#include "geo/utm.hpp"

namespace hls::joblog {
namespace {

constexpr double kWidth = 960, kHeight = 260;
constexpr double kLeft = 56, kRight = 12, kTop = 12, kBottom = 28;

// 1, 2 or 5 times a power of ten, so that about four lines fit below `top`.
double tick_step(double top) {
    const double rough = top / 4;
    const double power = std::pow(10, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (rough <= factor * power) return factor * power;
    return 10 * power;
}

std::string scale_lines(double top, double height) {
    std::string text;
    const double step = std::max(1.0, tick_step(top));
    for (double value = 0; value <= top; value += step) {
        const double y = kTop + height * (1 - value / top);
        text += fmt::format(
            "<line class=\"grid\" x1=\"{:.0f}\" x2=\"{:.0f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>"
            "<text class=\"axis\" x=\"{:.0f}\" y=\"{:.1f}\" text-anchor=\"end\">{:.0f}</text>\n",
            kLeft, kWidth - kRight, y, y, kLeft - 6, y + 4, value);
    }
    return text;
}

double sum_of(const Column& column) {
    double sum = 0;
    for (const auto& [name, value] : column.parts) sum += value;
    return sum;
}

geo::LonLat center_of(const geo::MgrsTile& tile) {
    const auto corner = tile.upper_left();
    return geo::Utm({tile.zone, false})
        .inverse({corner.x_m + geo::kTileSizeM / 2, corner.y_m - geo::kTileSizeM / 2});
}

struct Extent {
    double west = 180, east = -180, south = 90, north = -90;
};

Extent extent_of(const std::vector<geo::LonLat>& places) {
    constexpr double kMargin = 3, kLeast = 24;
    Extent extent;
    for (const auto& place : places) {
        extent.west = std::min(extent.west, place.lon_deg);
        extent.east = std::max(extent.east, place.lon_deg);
        extent.south = std::min(extent.south, place.lat_deg);
        extent.north = std::max(extent.north, place.lat_deg);
    }
    const double wider = std::max(kMargin, (kLeast - (extent.east - extent.west)) / 2);
    // No strip: at least a third as high as wide.
    const double least_height = std::max(kLeast / 2, (extent.east - extent.west + 2 * wider) / 3);
    const double higher = std::max(kMargin, (least_height - (extent.north - extent.south)) / 2);
    return {std::max(-180.0, extent.west - wider), std::min(180.0, extent.east + wider),
            std::max(-90.0, extent.south - higher), std::min(90.0, extent.north + higher)};
}

// Degrees to pixels.
struct Projection {
    explicit Projection(const Extent& e) : extent(e) {
        const double middle = (e.south + e.north) / 2 * std::numbers::pi / 180;
        shrink = std::max(0.3, std::cos(middle));
        constexpr double kHighest = 560;
        scale = std::min(kWidth / ((e.east - e.west) * shrink), kHighest / (e.north - e.south));
    }
    double x(double lon) const { return (lon - extent.west) * shrink * scale; }
    double y(double lat) const { return (extent.north - lat) * scale; }

    Extent extent;
    double shrink = 1, scale = 1;
};

std::string land_path(const Projection& to) {
    const Extent& e = to.extent;
    const double height = 0.95;  // degrees of latitude from a tile to the next
    std::string path;
    for (const auto& tile : geo::TileList::land().tiles()) {
        const auto place = center_of(tile);
        const double width =
            height / std::max(0.1, std::cos(place.lat_deg * std::numbers::pi / 180));
        const double west = place.lon_deg - width / 2, north = place.lat_deg + height / 2;
        if (west + width < e.west || west > e.east || north - height < e.south || north > e.north)
            continue;
        path += fmt::format("M{:.0f} {:.0f}h{:.0f}v{:.0f}h{:.0f}z", to.x(west), to.y(north),
                            std::ceil(width * to.shrink * to.scale) + 1,
                            std::ceil(height * to.scale) + 1,
                            -std::ceil(width * to.shrink * to.scale) - 1);
    }
    return path;
}

}  // namespace

std::string column_chart(const std::vector<Column>& columns, std::string_view what) {
    if (columns.empty()) return "<p class=\"none\">nothing yet</p>\n";
    double top = 1;
    for (const auto& column : columns) top = std::max(top, sum_of(column));
    const double height = kHeight - kTop - kBottom;
    const double pitch = (kWidth - kLeft - kRight) / static_cast<double>(columns.size());
    const double bar = std::min(pitch * 0.8, 48.0);
    const auto every = static_cast<std::size_t>(std::ceil(80 / pitch));
    std::string svg =
        fmt::format("<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\">\n", kWidth,
                    kHeight, what);
    svg += scale_lines(top, height);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const double middle = kLeft + (static_cast<double>(i) + 0.5) * pitch;
        double y = kTop + height;
        for (const auto& [name, value] : columns[i].parts) {
            if (value <= 0) continue;
            const double h = height * value / top;
            y -= h;
            svg += fmt::format(
                "<rect class=\"s-{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\">"
                "<title>{}: {:.0f} {}</title></rect>\n",
                name, middle - bar / 2, y, bar, h, columns[i].label, value, name);
        }
        if (i % every == 0)
            svg += fmt::format(
                "<text class=\"axis\" x=\"{:.1f}\" y=\"{:.0f}\" text-anchor=\"middle\">{}</text>\n",
                middle, kHeight - 8, columns[i].label);
    }
    return svg + "</svg>\n";
}

std::string tile_map(const std::vector<TileDot>& tiles) {
    if (tiles.empty()) return "<p class=\"none\">no tiles yet</p>\n";
    std::vector<geo::LonLat> places;
    for (const auto& dot : tiles) places.push_back(center_of(dot.tile));
    const Projection to(extent_of(places));
    const double width = to.x(to.extent.east), height = to.y(to.extent.south);
    std::string svg = fmt::format(
        "<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"map of tiles\">\n"
        "<rect class=\"sea\" width=\"{:.0f}\" height=\"{:.0f}\"/><path class=\"land\" d=\"{}\"/>\n",
        width, height, width, height, land_path(to));
    constexpr double kTileDegrees = 0.9;
    const double size = std::max(3.0, kTileDegrees * to.scale);
    for (std::size_t i = 0; i < tiles.size(); ++i)
        svg += fmt::format(
            "<rect class=\"tile s-{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
            "height=\"{:.1f}\">"
            "<title>{}</title></rect>\n",
            tiles[i].state, to.x(places[i].lon_deg) - size / 2, to.y(places[i].lat_deg) - size / 2,
            size, size, xml_escape(tiles[i].title));
    return svg + "</svg>\n";
}

}  // namespace hls::joblog
