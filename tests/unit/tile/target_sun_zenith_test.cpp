// SPDX-License-Identifier: Apache-2.0
#include "tile/target_sun_zenith.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace hls::tile {
namespace {

constexpr double kHalfTile = 54900;

struct Vector {
    int zone;
    double ulx_m, uly_m;
    int year, day_of_year;
    double zenith_deg;
};

geo::LonLat center_of(const Vector& v) {
    return geo::Utm({v.zone, false}).inverse({v.ulx_m + kHalfTile, v.uly_m - kHalfTile});
}

// tiling.md 2.9: NBAR_SOLAR_ZENITH of published products.
TEST(TargetSunZenith, EqualsPublishedProducts) {
    for (const Vector& v : {Vector{19, 199980, -1099980, 2020, 239, 33.7190814050822},
                            {35, 300000, 6900000, 2021, 168, 38.8785678533007},
                            {6, 399960, 7200000, 2024, 120, 49.8239961225291},
                            {13, 300000, 3300000, 2024, 128, 21.4862656928561},
                            {39, 399960, 4600020, 2020, 158, 23.39742854}}) {
        const auto zenith = target_sun_zenith_deg(center_of(v), v.year, v.day_of_year);
        ASSERT_TRUE(zenith);
        EXPECT_NEAR(*zenith, v.zenith_deg, 1e-8) << v.zone;
    }
}

TEST(TargetSunZenith, LeavesTheFarNorthToTheMean) {
    EXPECT_TRUE(target_sun_zenith_deg({10, 81.3}, 2020, 180));
    EXPECT_FALSE(target_sun_zenith_deg({10, 81.31}, 2020, 180));
    EXPECT_TRUE(target_sun_zenith_deg({10, -79}, 2020, 1));
    EXPECT_FALSE(target_sun_zenith_deg({10, -83}, 2020, 1));
}

// Near the antimeridian the overpass falls on another day of universal time.
TEST(TargetSunZenith, IsContinuousInTimeAcrossTheDateLine) {
    // West of 180 the overpass is in the evening of the day before, UT; the zenith changes by at
    // most half a degree per day.
    for (const int day : {1, 80, 172, 365}) {
        const auto west = target_sun_zenith_deg({179.9, 30}, 2021, day);
        const auto east = target_sun_zenith_deg({-179.9, 30}, 2021, day);
        EXPECT_NEAR(*west, *east, 0.5) << day;
    }
}

// The year is never left: the day before 1 January is 1 January, the day after 365 is 365.
TEST(TargetSunZenith, StaysWithinTheYear) {
    const geo::LonLat fiji{179.0, -17};  // 10:10 local is 22:14 UT of the day before
    EXPECT_NE(*target_sun_zenith_deg(fiji, 2021, 2), *target_sun_zenith_deg(fiji, 2021, 3));
    EXPECT_EQ(*target_sun_zenith_deg(fiji, 2021, 1), *target_sun_zenith_deg(fiji, 2021, 2));
}

}  // namespace
}  // namespace hls::tile
