// SPDX-License-Identifier: Apache-2.0
#include "product/gibs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"

namespace hls::product {
namespace {

constexpr double kCell_deg = 1.125;
constexpr int kPixels = 4096;
constexpr int kColumns = 320;
constexpr int kRows = 160;
// Places between nodes are interpolated along a row: at 16 pixels of 30 m the error is millimetres.
constexpr int kNodeStep = 16;

geo::UtmZone zone_of(const io::Grid& tile) {
    const auto zone = geo::utm_zone_of_epsg(tile.epsg);
    if (!zone) throw Error{Exit::internal, "a tile that is not in UTM"};
    return *zone;
}

struct Box {
    double west = 1e9, east = -1e9, south = 1e9, north = -1e9;
};

// Of the tile's edge; longitudes run on past 180 where the tile crosses it.
Box bounds_deg(const io::Grid& tile) {
    constexpr int kSteps = 64;
    const geo::Utm utm(zone_of(tile));
    const double central = 6.0 * zone_of(tile).zone - 183;
    Box box;
    for (int i = 0; i <= kSteps; ++i)
        for (const auto& [u, v] : {std::pair{i, 0}, {i, kSteps}, {0, i}, {kSteps, i}}) {
            auto place = utm.inverse({tile.ulx_m + tile.pixel_m * tile.cols * u / kSteps,
                                      tile.uly_m - tile.pixel_m * tile.rows * v / kSteps});
            place.lon_deg += 360 * std::round((central - place.lon_deg) / 360);
            box.west = std::min(box.west, place.lon_deg);
            box.east = std::max(box.east, place.lon_deg);
            box.south = std::min(box.south, place.lat_deg);
            box.north = std::max(box.north, place.lat_deg);
        }
    return box;
}

int cell_index(double degrees_from_origin) {
    return static_cast<int>(std::floor(degrees_from_origin / kCell_deg));
}

}  // namespace

std::string GibsCell::id() const {
    return fmt::format("{:03}{:03}", column, row);
}

io::GeographicGrid GibsCell::grid() const {
    return {kPixels, kPixels, -180 + kCell_deg * (column - 1), -90 + kCell_deg * row,
            kCell_deg / kPixels};
}

std::vector<GibsCell> gibs_cells(const io::Grid& tile) {
    const Box box = bounds_deg(tile);
    std::vector<GibsCell> cells;
    for (int row = cell_index(box.south + 90); row <= cell_index(box.north + 90); ++row)
        for (int col = cell_index(box.west + 180); col <= cell_index(box.east + 180); ++col)
            if (row >= 0 && row < kRows)
                cells.push_back({(col % kColumns + kColumns) % kColumns + 1, row + 1});
    return cells;
}

Gibs::Gibs(const io::Grid& tile)
    : tile_(tile), utm_(zone_of(tile)), stretch_(LogStretch::Dark::gibs) {
    rgb_.fill(Plane<std::uint8_t>(tile.rows, tile.cols));
}

void Gibs::add_rows(int first_row, const std::array<View2D<const std::int16_t>, 3>& rgb) {
    for (std::size_t band = 0; band < rgb.size(); ++band)
        for (int row = 0; row < rgb[band].rows(); ++row)
            std::ranges::transform(rgb[band].row(row), rgb_[band].row(first_row + row).begin(),
                                   stretch_);
}

void Gibs::fill_rows(const io::GeographicGrid& grid, int first_row, View2D<std::uint8_t> rows,
                     std::array<bool, 3>& seen) const {
    for (int row = 0; row < rows.rows(); ++row) {
        const auto out = rows.row(row);
        std::ranges::fill(out, std::uint8_t{0});
        const double lat = grid.north_deg - (first_row + row + 0.5) * grid.pixel_deg;
        const auto node = [&](int col) {
            return utm_.forward({grid.west_deg + (col + 0.5) * grid.pixel_deg, lat});
        };
        for (int left = 0; left < grid.cols; left += kNodeStep) {
            const geo::EastNorth a = node(left);
            const geo::EastNorth b = node(left + kNodeStep);
            for (int i = 0; i < kNodeStep && left + i < grid.cols; ++i) {
                const double part = static_cast<double>(i) / kNodeStep;
                const double col = (a.x_m + part * (b.x_m - a.x_m) - tile_.ulx_m) / tile_.pixel_m;
                const double line = (tile_.uly_m - a.y_m - part * (b.y_m - a.y_m)) / tile_.pixel_m;
                if (!(col >= 0 && col < tile_.cols && line >= 0 && line < tile_.rows)) continue;
                auto* pixel = &out[static_cast<std::size_t>(4 * (left + i))];
                bool whole = true;
                for (std::size_t band = 0; band < 3; ++band) {
                    pixel[band] = rgb_[band](static_cast<int>(line), static_cast<int>(col));
                    seen[band] = seen[band] || pixel[band] != 0;
                    whole = whole && pixel[band] != 0;
                }
                pixel[3] = whole ? 255 : 0;
            }
        }
    }
}

bool Gibs::write_cell(const GibsCell& cell, const std::string& path, const TimeRange& time) const {
    std::array<bool, 3> seen{};
    const io::GeographicGrid grid = cell.grid();
    io::write_rgba_tiff(
        path, grid,
        {{"START_DATE", format_utc(time.begin, 6)}, {"END_DATE", format_utc(time.end, 6)}},
        [&](int first_row, View2D<std::uint8_t> rows) { fill_rows(grid, first_row, rows, seen); });
    return std::ranges::all_of(seen, [](bool any) { return any; });
}

std::string gibs_xml(const ProductInfo& info, const GibsCell& cell) {
    const TimeRange range = sensing_range(info);
    const CivilDate day = civil_date(range.begin);
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n"
        "<ImageryMetadata>\n"
        "  <ProviderProductId>{}</ProviderProductId>\n"
        "  <ProductionDateTime>{}</ProductionDateTime>\n"
        "  <DataStartDateTime>{}</DataStartDateTime>\n"
        "  <DataEndDateTime>{}</DataEndDateTime>\n"
        "  <DataDay>{:04}{:03}</DataDay>\n"
        "  <PartialId>{}</PartialId>\n"
        "</ImageryMetadata>\n",
        granule::format_hls_id(info.id), format_utc(info.processing_time, 6),
        format_utc(range.begin, 6), format_utc(range.end, 6), day.year, day.day_of_year, cell.id());
}

}  // namespace hls::product
