// SPDX-License-Identifier: Apache-2.0
#include "lasrc/window_places.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "lasrc/aerosol_field.hpp"

namespace hls::lasrc {
namespace {

constexpr int kWindowsPerNode = 16;

ancillary::GeoPoint utm_inverse(int zone, double x, double y) {
    constexpr double a = 6378137., f = 1 / 298.257223563, k0 = .9996;
    const double n = f / (2 - f);
    const double A = a / (1 + n) * (1 + n * n / 4 + n * n * n * n / 64);
    const double b1 = n / 2 - 2 * n * n / 3 + 37 * n * n * n / 96;
    const double b2 = n * n / 48 + n * n * n / 15;
    const double b3 = 17 * n * n * n / 480;
    const double d1 = 2 * n - 2 * n * n / 3 - 2 * n * n * n;
    const double d2 = 7 * n * n / 3 - 8 * n * n * n / 5;
    const double d3 = 56 * n * n * n / 15;
    const double xi = y / (k0 * A), eta = (x - 500000) / (k0 * A);
    const double xp = xi - b1 * std::sin(2 * xi) * std::cosh(2 * eta) -
                      b2 * std::sin(4 * xi) * std::cosh(4 * eta) -
                      b3 * std::sin(6 * xi) * std::cosh(6 * eta);
    const double ep = eta - b1 * std::cos(2 * xi) * std::sinh(2 * eta) -
                      b2 * std::cos(4 * xi) * std::sinh(4 * eta) -
                      b3 * std::cos(6 * xi) * std::sinh(6 * eta);
    const double chi = std::asin(std::sin(xp) / std::cosh(ep));
    const double lat =
        chi + d1 * std::sin(2 * chi) + d2 * std::sin(4 * chi) + d3 * std::sin(6 * chi);
    const double lon = std::atan2(std::sinh(ep), std::cos(xp));
    return {lat * 180 / std::numbers::pi, lon * 180 / std::numbers::pi + 6 * zone - 183};
}

}  // namespace

ancillary::GeoPoint place_of(const io::Grid& grid, double row, double col) {
    const int family = grid.epsg / 100;
    if (family != 326 && family != 327)
        throw Error{Exit::bad_input, fmt::format("EPSG:{} is not a UTM zone", grid.epsg)};
    const double false_northing = family == 327 ? 1e7 : 0.;
    return utm_inverse(grid.epsg % 100, grid.ulx_m + col * grid.pixel_m,
                       grid.uly_m - row * grid.pixel_m - false_northing);
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
            longitude_(r, c) = place.longitude_deg;
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
