// SPDX-License-Identifier: Apache-2.0
#include "simulate/scene_geometry.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "geo/sun.hpp"

namespace hls::simulate {
namespace {

SceneRequest full_scene() {
    SceneRequest request;
    request.rows = 7700;
    request.cols = 7600;
    request.ul_center_x_m = 500000;
    return request;
}

// The fixed direction to the sun must give at the corners what the almanac gives there.
TEST(SceneGeometry, SunMovesOverTheSceneAsTheAlmanacSays) {
    const SceneRequest request = full_scene();
    const SceneGeometry geometry(request);
    for (int row : {0, 7699})
        for (int col : {0, 7599}) {
            const PixelAngles angles = geometry.at(row, col);
            const geo::SunPosition sun = geo::sun_position(request.sensed, angles.place);
            EXPECT_NEAR(angles.sun_zenith_deg, sun.zenith_deg, 0.01);
            EXPECT_NEAR(wrap_azimuth(angles.sun_azimuth_deg - sun.azimuth_deg), 0, 0.02);
        }
}

TEST(SceneGeometry, TakesTheSunZenithAskedFor) {
    SceneRequest request;
    request.sun_zenith_deg = 62.5;
    const SceneGeometry geometry(request);
    EXPECT_NEAR(geometry.at(299.5, 299.5).sun_zenith_deg, 62.5, 1e-9);
}

TEST(SceneGeometry, LooksSidewaysAsLandsatDoes) {
    const SceneGeometry geometry(full_scene());
    EXPECT_NEAR(geometry.at(3849.5, 3799.5).view_signed_deg, 0, 1e-9);
    // A descending pass over Kansas heads for 193-194 degrees; 7.4 deg off nadir at the instrument
    // is 8.3 deg on the ground.
    EXPECT_NEAR(geometry.view_azimuth_deg(true), -76, 2);
    EXPECT_NEAR(geometry.view_azimuth_deg(false), 104, 2);
    const double east = 92500 / kPixelM;
    EXPECT_NEAR(geometry.at(3849.5, 3799.5 + east / std::cos(0.24)).view_signed_deg, 8.3, 0.2);
    EXPECT_LT(geometry.at(3849.5, 1000).view_signed_deg, -5);
}

TEST(SceneGeometry, SwathFillsTheRasterFromEdgeToEdge) {
    SceneRequest request = full_scene();
    request.swath_edge = true;
    const SceneGeometry geometry(request);
    EXPECT_FALSE(geometry.covers(0, 0));
    EXPECT_FALSE(geometry.covers(7699, 7599));
    EXPECT_TRUE(geometry.covers(3850, 3800));
    const auto row_has_data = [&](int row) {
        for (int col = 0; col < request.cols; ++col)
            if (geometry.covers(row, col)) return true;
        return false;
    };
    EXPECT_TRUE(row_has_data(4));
    EXPECT_TRUE(row_has_data(7695));
    int inside = 0;
    for (int row = 0; row < 7700; row += 20)
        for (int col = 0; col < 7600; col += 20) inside += geometry.covers(row, col) ? 1 : 0;
    EXPECT_NEAR(inside / (385.0 * 380.0), 0.66, 0.06);  // about a third of a scene is fill
}

TEST(SceneGeometry, AzimuthsWrap) {
    EXPECT_DOUBLE_EQ(wrap_azimuth(190), -170);
    EXPECT_DOUBLE_EQ(wrap_azimuth(-180), 180);
    EXPECT_DOUBLE_EQ(wrap_azimuth(540), 180);
}

}  // namespace
}  // namespace hls::simulate
