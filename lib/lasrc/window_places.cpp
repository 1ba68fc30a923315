// SPDX-License-Identifier: Apache-2.0
#include "lasrc/window_places.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "geo/utm.hpp"
#include "lasrc/aerosol_field.hpp"

namespace hls::lasrc {
namespace {

constexpr int kWindowsPerNode = 16;

}  // namespace

ancillary::GeoPoint place_of(const io::Grid& grid, double row, double col) {
    const auto zone = geo::utm_zone_of_epsg(grid.epsg);
    if (!zone) throw Error{Exit::bad_input, fmt::format("EPSG:{} is not a UTM zone", grid.epsg)};
    const geo::LonLat place =
        geo::Utm(*zone).inverse({grid.ulx_m + col * grid.pixel_m, grid.uly_m - row * grid.pixel_m});
    return {place.lat_deg, place.lon_deg};
}

WindowPlaces::WindowPlaces(const io::Grid& grid, const Quirks& quirks) {
    const int rows = (window_count(grid.rows) - 1) / kWindowsPerNode + 2;
    const int cols = (window_count(grid.cols) - 1) / kWindowsPerNode + 2;
    latitude_ = Plane<double>(rows, cols);
    longitude_ = Plane<double>(rows, cols);
    const double north = quirks.window_one_half_pixel_north ? -.5 : .5;
    for (int r = 0; r < rows; ++r) {
        for (int c = 0; c < cols; ++c) {
            const double row = window_center(r * kWindowsPerNode, grid.rows) + north;
            const double col = window_center(c * kWindowsPerNode, grid.cols) + .5;
            const auto place = place_of(grid, row, col);
            latitude_(r, c) = place.latitude_deg;
            // Unwrapped: neighbouring nodes must not lie 360 deg apart.
            const double turns = std::round((place.longitude_deg - longitude_(0, 0)) / 360.);
            longitude_(r, c) = place.longitude_deg - (r + c > 0 ? turns * 360. : 0.);
        }
    }
}

ancillary::GeoPoint WindowPlaces::at(int window_row, int window_col) const noexcept {
    const int r = window_row / kWindowsPerNode, c = window_col / kWindowsPerNode;
    const double u = static_cast<double>(window_row % kWindowsPerNode) / kWindowsPerNode;
    const double v = static_cast<double>(window_col % kWindowsPerNode) / kWindowsPerNode;
    const auto between = [&](const Plane<double>& p) {
        const double upper = p(r, c) + (p(r, c + 1) - p(r, c)) * v;
        const double lower = p(r + 1, c) + (p(r + 1, c + 1) - p(r + 1, c)) * v;
        return upper + (lower - upper) * u;
    };
    const double longitude = between(longitude_);
    return {between(latitude_), longitude >= 180.   ? longitude - 360.
                                : longitude < -180. ? longitude + 360.
                                                    : longitude};
}

}  // namespace hls::lasrc
