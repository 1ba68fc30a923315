// SPDX-License-Identifier: Apache-2.0
#include "lasrc/window_places.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "core/error.hpp"
#include "geo/utm.hpp"
#include "lasrc/aerosol_field.hpp"

namespace hls::lasrc {
namespace {

constexpr int kWindowsPerCell = 32;  // with nodes at both ends and in the middle

using Weights = std::array<double, 3>;

// Of the three nodes of a cell, `window` windows after the first.
Weights quadratic_weights(int window) noexcept {
    const double t = 2. * window / kWindowsPerCell;
    return {(t - 1.) * (t - 2.) / 2., t * (2. - t), t * (t - 1.) / 2.};
}

}  // namespace

ancillary::GeoPoint place_of(const io::Grid& grid, double row, double col) {
    const auto zone = geo::utm_zone_of_epsg(grid.epsg);
    if (!zone) throw Error{Exit::bad_input, fmt::format("EPSG:{} is not a UTM zone", grid.epsg)};
    const geo::LonLat place =
        geo::Utm(*zone).inverse({grid.ulx_m + col * grid.pixel_m, grid.uly_m - row * grid.pixel_m});
    return {place.lat_deg, place.lon_deg};
}

template <typename RowOf, typename ColOf>
void WindowPlaces::fill(const io::Grid& grid, int rows, int cols, RowOf row_of, ColOf col_of) {
    const auto nodes = [](int windows) { return 2 * ((windows - 1) / kWindowsPerCell + 1) + 1; };
    latitude_ = Plane<double>(nodes(rows), nodes(cols));
    longitude_ = Plane<double>(latitude_.rows(), latitude_.cols());
    for (int r = 0; r < latitude_.rows(); ++r) {
        for (int c = 0; c < latitude_.cols(); ++c) {
            const auto place =
                place_of(grid, row_of(r * kWindowsPerCell / 2), col_of(c * kWindowsPerCell / 2));
            latitude_(r, c) = place.latitude_deg;
            // Unwrapped: neighbouring nodes must not lie 360 deg apart.
            const double turns = std::round((place.longitude_deg - longitude_(0, 0)) / 360.);
            longitude_(r, c) = place.longitude_deg - (r + c > 0 ? turns * 360. : 0.);
        }
    }
}

WindowPlaces::WindowPlaces(const io::Grid& grid, const Quirks& quirks) {
    const double north = quirks.window_one_half_pixel_north ? -.5 : .5;
    fill(
        grid, window_count(grid.rows), window_count(grid.cols),
        [&](int window) { return window_center(window, grid.rows) + north; },
        [&](int window) { return window_center(window, grid.cols) + .5; });
}

WindowPlaces WindowPlaces::of_corners(const io::Grid& grid, int size) {
    WindowPlaces places;
    const auto corner = [size](int window) { return static_cast<double>(window) * size; };
    places.fill(grid, grid.rows / size, grid.cols / size, corner, corner);
    return places;
}

ancillary::GeoPoint WindowPlaces::at(int window_row, int window_col) const noexcept {
    const int r = window_row / kWindowsPerCell * 2, c = window_col / kWindowsPerCell * 2;
    const Weights down = quadratic_weights(window_row % kWindowsPerCell);
    const Weights across = quadratic_weights(window_col % kWindowsPerCell);
    const auto between = [&](const Plane<double>& p) {
        double sum = 0;
        for (int i = 0; i < 3; ++i) {
            const double* const row = &p(r + i, c);
            sum += down[static_cast<std::size_t>(i)] *
                   (across[0] * row[0] + across[1] * row[1] + across[2] * row[2]);
        }
        return sum;
    };
    const double longitude = between(longitude_);
    const double wrapped = longitude >= 180.   ? longitude - 360.
                           : longitude < -180. ? longitude + 360.
                                               : longitude;
    // float as in the reference.
    return {static_cast<double>(static_cast<float>(between(latitude_))),
            static_cast<double>(static_cast<float>(wrapped))};
}

}  // namespace hls::lasrc
