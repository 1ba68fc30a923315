// SPDX-License-Identifier: Apache-2.0
// Places of windows, also across the antimeridian and in the south, and what is expected there.
#include "lasrc/window_places.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "geo/utm.hpp"
#include "lasrc/aerosol_field.hpp"
#include "lasrc/expected_ratios.hpp"

namespace hls::lasrc {
namespace {

double turn(double degrees) {
    return std::remainder(degrees, 360.);
}

void expect_exact(const io::Grid& grid, const Quirks& quirks) {
    const WindowPlaces places(grid, quirks);
    const geo::Utm utm(*geo::utm_zone_of_epsg(grid.epsg));
    const double north = quirks.window_one_half_pixel_north ? .5 : -.5;
    const int rows = window_count(grid.rows), cols = window_count(grid.cols);
    for (int r = 0; r < rows; r += std::max(1, rows / 7)) {
        for (int c = 0; c < cols; c += std::max(1, cols / 7)) {
            const double x = grid.ulx_m + (window_center(c, grid.cols) + .5) * grid.pixel_m;
            const double y = grid.uly_m - (window_center(r, grid.rows) - north) * grid.pixel_m;
            const auto want = utm.inverse({x, y});
            const auto got = places.at(r, c);
            // float32 degrees: half a unit in the last place is 7.6e-6 at 180.
            EXPECT_NEAR(got.latitude_deg, want.lat_deg, 1e-5);
            EXPECT_NEAR(turn(got.longitude_deg - want.lon_deg), 0., 1e-5);
            EXPECT_LE(std::fabs(got.longitude_deg), 180.);
        }
    }
}

TEST(WindowPlaces, FullScenes) {
    expect_exact({7801, 7702, 399985, 5000015, 30, 32611}, Quirks::keep());
    expect_exact({7801, 7702, 399985, -1000015, 30, 32619}, Quirks::keep());
    expect_exact({7801, 7702, 399985, 8999985, 30, 32719}, Quirks::fix());   // false northing
    expect_exact({7801, 7702, 399985, 9000015, 30, 32633}, Quirks::keep());  // 80 degrees north
}

TEST(WindowPlaces, AcrossTheAntimeridian) {
    expect_exact({7801, 7702, 699985, 7200015, 30, 32660}, Quirks::keep());
    expect_exact({7801, 7702, 99985, -1900015, 30, 32601}, Quirks::keep());
}

TEST(WindowPlaces, TinyImages) {
    for (const int n : {1, 2, 3, 4, 7})
        expect_exact({n, n, 399985, 5000015, 30, 32611}, Quirks::keep());
}

TEST(WindowPlaces, OnlyUtm) {
    EXPECT_THROW(WindowPlaces({10, 10, 0, 0, 30, 3031}, Quirks::keep()), Error);
}

ancillary::Ancillary uniform_ancillary(const ancillary::RatioCell& cell) {
    ancillary::Ancillary ancillary;
    ancillary.area = {0, 7198, 3600, 4};  // across the antimeridian
    ancillary.ratios = Plane<ancillary::RatioCell>(3600, 4, cell);
    return ancillary;
}

TEST(WaterIndex, OfVegetationAndWater) {
    EXPECT_NEAR(water_index(.3f, .1f), .25 / .35, 1e-6);
    EXPECT_NEAR(water_index(.01f, .04f), -1. / 3., 1e-6);
}

TEST(ExpectedRatios, LimitsTheIndexAndBlendsCells) {
    ancillary::RatioCell cell{.1f, .5f, .2f, .6f, -1.f, 2.f, 300, 100};
    auto ancillary = uniform_ancillary(cell);
    // Limited to .3 + 2 * .1.
    const auto high = expected_ratios(ancillary, {45., 179.95}, .9f);
    EXPECT_NEAR(high.coastal, .5 + .1 * .5, 1e-6);
    EXPECT_NEAR(high.blue, .6 + .2 * .5, 1e-6);
    EXPECT_NEAR(high.swir2, 2. - .5, 1e-6);
    EXPECT_NEAR(expected_ratios(ancillary, {45., 179.95}, -.9f).swir2, 2. - .1, 1e-6);
    EXPECT_NEAR(expected_ratios(ancillary, {45., 179.95}, .4f).coastal, .54, 1e-6);

    // East of the last centre the next cell is column 0 on the other side.
    for (int row = 0; row < 3600; ++row) ancillary.ratios(row, 2).intercept1 = .9f;
    const auto beyond = expected_ratios(ancillary, {45., 179.9875}, .3f);
    EXPECT_NEAR(beyond.coastal, .1 * .3 + (.5 * .75 + .9 * .25), 1e-4);
}

}  // namespace
}  // namespace hls::lasrc
