// SPDX-License-Identifier: Apache-2.0
#include "geo/mgrs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace hls::geo {
namespace {

constexpr std::string_view kBands = "CDEFGHJKLMNPQRSTUVWX";
constexpr std::array<std::string_view, 3> kColumns{"ABCDEFGH", "JKLMNPQR", "STUVWXYZ"};
constexpr std::string_view kRows = "ABCDEFGHJKLMNPQRSTUV";
constexpr int kRowCycle = 20;
constexpr int kEvenZoneShift = 5;
constexpr double kSquareM = 100000;
constexpr double kCornerGridM = 60;
constexpr double kSouthFalseNorthing = 1e7;
constexpr int kLastRow = 93;
constexpr double kPolarLimitDeg = 84;
constexpr double kTouchDeg = 1e-9;  // squares that touch a zone at its central meridian count

// The same for every zone, so any will do.
constexpr int kAnyZone = 31;
constexpr double kAnyMeridianDeg = 3;

LonLat from_meridian(double x_m, double y_m) noexcept {
    const LonLat place = Utm({kAnyZone}).inverse({x_m, y_m});
    return {place.lon_deg - kAnyMeridianDeg, place.lat_deg};
}

int shift_of(int zone) noexcept {
    return zone % 2 == 1 ? 0 : kEvenZoneShift;
}

struct ZoneExtent {
    double west_deg;  // from the central meridian
    double east_deg;
    bool exists = true;
};

ZoneExtent zone_extent(int zone, char band) noexcept {
    if (band == 'V' && zone == 31) return {-3, 0};
    if (band == 'V' && zone == 32) return {-6, 3};
    if (band == 'X') {
        if (zone == 31) return {-3, 6};
        if (zone == 33 || zone == 35) return {-6, 6};
        if (zone == 37) return {-6, 3};
        if (zone == 32 || zone == 34 || zone == 36) return {0, 0, false};
    }
    return {-3, 3};
}

// The row of the given cycle position that lies nearest to the band; cycles are 2000 km apart and
// bands at most 1340 km high, so that only one can touch it.
int row_near_band(int cycle_row, std::size_t band) noexcept {
    constexpr double meters_per_degree = 110574 * 1.004;
    const bool south = kBands[band] < 'N';
    const bool top = band + 1 == kBands.size();  // X reaches to 84 degrees
    const double bottom_m = meters_per_degree * (-80 + 8 * static_cast<double>(band));
    const double top_m = bottom_m + meters_per_degree * (top ? 12 : 8);
    int best = 0;
    double best_distance = std::numeric_limits<double>::infinity();
    for (int k = 0; k < 6; ++k) {
        const int row = cycle_row + kRowCycle * k - (south ? 100 : 0);
        const double center_m = (row + 0.5) * kSquareM;
        const double distance = std::max({bottom_m - center_m, center_m - top_m, 0.0});
        if (distance < best_distance) {
            best = row;
            best_distance = distance;
        }
    }
    return best;
}

char band_of(double lat_deg) noexcept {
    const int index = static_cast<int>(std::floor((lat_deg + 80) / 8));
    return kBands[static_cast<std::size_t>(
        std::clamp(index, 0, static_cast<int>(kBands.size()) - 1))];
}

}  // namespace

char MgrsTile::band() const noexcept {
    const LonLat center = from_meridian((column + 0.5) * kSquareM, (row + 0.5) * kSquareM);
    return band_of(center.lat_deg);
}

std::string MgrsTile::id() const {
    const auto set = kColumns[static_cast<std::size_t>((zone - 1) % 3)];
    const int letter = ((row + shift_of(zone)) % kRowCycle + kRowCycle) % kRowCycle;
    return fmt::format("{:02}{}{}{}", zone, band(), set[static_cast<std::size_t>(column - 1)],
                       kRows[static_cast<std::size_t>(letter)]);
}

EastNorth MgrsTile::upper_left() const noexcept {
    return {kCornerGridM * std::floor(column * kSquareM / kCornerGridM),
            kCornerGridM * std::ceil((row + 1) * kSquareM / kCornerGridM)};
}

EastNorth MgrsTile::upper_left_false_northing() const noexcept {
    const EastNorth corner = upper_left();
    return {corner.x_m, corner.y_m + (south() ? kSouthFalseNorthing : 0)};
}

int MgrsTile::epsg() const noexcept {
    return utm_epsg({zone, south()});
}

int MgrsTile::hls_epsg() const noexcept {
    return utm_epsg({zone, false});
}

std::optional<MgrsTile> parse_mgrs_tile(std::string_view text) noexcept {
    if (text.size() == 6 && text.front() == 'T') text.remove_prefix(1);
    if (text.size() != 5) return std::nullopt;
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!digit(text[0]) || !digit(text[1])) return std::nullopt;
    const int zone = (text[0] - '0') * 10 + (text[1] - '0');
    if (zone < 1 || zone > 60) return std::nullopt;

    const auto band = kBands.find(text[2]);
    const auto column = kColumns[static_cast<std::size_t>((zone - 1) % 3)].find(text[3]);
    const auto letter = kRows.find(text[4]);
    constexpr auto none = std::string_view::npos;
    if (band == none || column == none || letter == none) return std::nullopt;
    const int cycle_row = (static_cast<int>(letter) - shift_of(zone) + kRowCycle) % kRowCycle;
    return MgrsTile{zone, static_cast<int>(column) + 1, row_near_band(cycle_row, band)};
}

bool in_tiling_grid(const MgrsTile& tile) noexcept {
    if (tile.zone < 1 || tile.zone > 60 || tile.column < 1 || tile.column > 8) return false;
    if (std::abs(tile.row) > kLastRow + 1) return false;
    const double west_m = tile.column * kSquareM;
    const double south_m = tile.row * kSquareM;
    const LonLat bottom = from_meridian(west_m, south_m);
    const LonLat top = from_meridian(west_m, south_m + kSquareM);
    const LonLat middle_bottom = from_meridian(west_m + kSquareM / 2, south_m);
    const LonLat middle_top = from_meridian(west_m + kSquareM / 2, south_m + kSquareM);
    const double lowest = std::min(bottom.lat_deg, middle_bottom.lat_deg);
    if (lowest < -kPolarLimitDeg || lowest >= kPolarLimitDeg) return false;

    const double west_edge = std::min(bottom.lon_deg, top.lon_deg);
    const double middle = std::max(middle_bottom.lon_deg, middle_top.lon_deg);
    const double east_edge = std::max(from_meridian(west_m + kSquareM, south_m).lon_deg,
                                      from_meridian(west_m + kSquareM, south_m + kSquareM).lon_deg);
    const double reach = tile.zone == 1 ? east_edge : middle;
    const auto touches = [&](char band) {
        const ZoneExtent zone = zone_extent(tile.zone, band);
        return zone.exists && reach >= zone.west_deg - kTouchDeg &&
               west_edge <= zone.east_deg + kTouchDeg;
    };
    // A square may reach into the next band, where zones can have other limits (31VFL).
    return touches(tile.band()) || touches(band_of(std::max(top.lat_deg, middle_top.lat_deg)));
}

}  // namespace hls::geo
