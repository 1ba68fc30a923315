// SPDX-License-Identifier: Apache-2.0
// Sun position against NREL's published SPA example and against Landsat metadata.
#include "geo/sun.hpp"

#include <gtest/gtest.h>

namespace hls::geo {
namespace {

// Reda and Andreas 2008 (NREL/TP-560-34302), table A5.1: topocentric elevation before refraction
// 39.872046 deg, azimuth 194.340241 deg.
TEST(SunPosition, AgreesWithTheSpaExample) {
    const auto sun = sun_position(parse_utc("2003-10-17T19:30:30Z"), {-105.1786, 39.742476});
    EXPECT_NEAR(sun.zenith_deg, 90 - 39.872046, 0.01);
    EXPECT_NEAR(sun.azimuth_deg, 194.340241, 0.01);
}

struct Scene {
    const char* time;
    LonLat center;
    double azimuth_deg, elevation_deg;
};

// SUN_AZIMUTH and SUN_ELEVATION of real products; the centre is the mean of the MTL's corners,
// which is within some kilometres of the point the agency used.
TEST(SunPosition, AgreesWithLandsatMetadata) {
    const Scene scenes[] = {
        {"2022-02-09T02:05:18.7360330Z", {117.00416, -30.30404}, 72.16674497, 54.14346217},
        {"2019-08-09T13:53:06.4356520Z", {-58.17892, -20.22945}, 42.76784649, 42.61713919},
    };
    for (const auto& scene : scenes) {
        const auto sun = sun_position(parse_utc(scene.time), scene.center);
        EXPECT_NEAR(sun.azimuth_deg, scene.azimuth_deg, 0.06) << scene.time;
        EXPECT_NEAR(90 - sun.zenith_deg, scene.elevation_deg, 0.06) << scene.time;
    }
}

TEST(SunPosition, NoonIsSouthInTheNorthAndNorthInTheSouth) {
    // Greenwich, near apparent noon of the equinox of 2020: the zenith angle is the latitude.
    const auto north = sun_position(parse_utc("2020-03-20T12:07:25Z"), {0, 51.48});
    EXPECT_NEAR(north.azimuth_deg, 180, 0.1);
    EXPECT_NEAR(north.zenith_deg, 51.48, 0.2);
    const auto south = sun_position(parse_utc("2020-03-20T12:07:25Z"), {0, -40});
    EXPECT_NEAR(std::min(south.azimuth_deg, 360 - south.azimuth_deg), 0, 0.1);
    EXPECT_NEAR(south.zenith_deg, 40, 0.2);
}

TEST(SunPosition, NightIsBelowTheHorizon) {
    EXPECT_GT(sun_position(parse_utc("2020-06-21T00:00:00Z"), {0, 0}).zenith_deg, 150);
}

}  // namespace
}  // namespace hls::geo
