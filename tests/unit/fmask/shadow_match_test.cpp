// SPDX-License-Identifier: Apache-2.0
#include "fmask/shadow_match.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "random_planes.hpp"

namespace hls::fmask {
namespace {

constexpr double kPixel = 30;
constexpr double kSunZenith = 40;

// A cloud of 20 x 20 pixels in the middle of 200 x 200, and dark ground where its shadow falls from
// a height of `height_m`.
struct Sky {
    Sky(double height_m, double sun_azimuth, const ViewTangent& direction)
        : azimuth(sun_azimuth), view(direction) {
        const Displacement move = displacement_of(kSunZenith, sun_azimuth, direction, kPixel);
        const int rows = static_cast<int>(std::lround(height_m * move.rows));
        const int cols = static_cast<int>(std::lround(height_m * move.cols));
        for (int r = 90; r < 110; ++r)
            for (int c = 90; c < 110; ++c) {
                cloud.set(r, c);
                holes.set(r + rows, c + cols);
            }
        holes -= cloud;
    }

    ShadowMatch match(const Profile& profile, int threads = 1) const {
        const ShadowScene scene{valid, cloud, holes,  water,      all_water, temperature, nullptr,
                                15,    25,    kPixel, kSunZenith, azimuth,   view};
        return match_shadows(find_objects(cloud), scene, profile, threads);
    }

    double azimuth;
    ViewField view;
    BitPlane valid = all_set(200, 200);
    BitPlane cloud{200, 200}, holes{200, 200}, water{200, 200}, all_water{200, 200};
    const Plane<std::int16_t>* temperature = nullptr;
};

double step_m() {
    return 2 * kPixel * std::tan((90 - kSunZenith) * std::numbers::pi / 180);
}

TEST(Displacement, IsAwayFromTheSunAndBackAlongTheView) {
    // Sun in the south-east: the shadow falls to the north-west, up and left.
    const Displacement sun = displacement_of(45, 135, {}, 30);
    EXPECT_NEAR(sun.cols, -std::sqrt(0.5) / 30, 1e-12);
    EXPECT_NEAR(sun.rows, -std::sqrt(0.5) / 30, 1e-12);
    // Seen from the west a cloud appears too far east: its true place is towards the satellite.
    const Displacement seen = displacement_of(0, 0, view_tangent(10, 270), 30);
    EXPECT_NEAR(seen.cols, -std::tan(10 * std::numbers::pi / 180) / 30, 1e-12);
    EXPECT_NEAR(seen.rows, 0, 1e-12);
    // Sun and satellite in one direction: no shadow is seen.
    const Displacement hidden = displacement_of(30, 77, view_tangent(30, 77), 30);
    EXPECT_NEAR(hidden.cols, 0, 1e-12);
    EXPECT_NEAR(hidden.rows, 0, 1e-12);
}

TEST(ShadowMatch, FindsTheHeightFromEveryDirection) {
    for (const char* name : {"hls", "hls4", "hls5phy", "fmask3"})
        for (const double azimuth : {10., 100., 160., 250., 340.})
            for (const double height : {900., 1500.}) {
                const Sky sky(height, azimuth, view_tangent(6, 285));
                const auto found = sky.match(make_profile(name, Sensor::sentinel2));
                ASSERT_EQ(found.matched, 1) << name << ", sun " << azimuth;
                EXPECT_NEAR(static_cast<double>(found.heights[0].base_m), height, step_m())
                    << name << ", sun " << azimuth;
                EXPECT_GT(count_both(found.shadow, sky.holes) * 10, sky.holes.count() * 9);
                EXPECT_EQ(count_both(found.shadow, sky.cloud), 0);
            }
}

TEST(ShadowMatch, TurnsAwayWhenTheSunIsTakenToBeElsewhere) {
    const Profile profile = make_profile("fmask3", Sensor::sentinel2);
    Sky sky(1200, 140, {});
    sky.azimuth = 320;
    EXPECT_EQ(sky.match(profile).matched, 0);
}

TEST(ShadowMatch, NoShadowIsLookedForOnWaterAlone) {
    Sky sky(1000, 140, {});
    sky.water = sky.all_water = all_set(200, 200);
    for (const char* name : {"hls", "hls4"})
        EXPECT_EQ(sky.match(make_profile(name, Sensor::landsat)).matched, 0) << name;
    EXPECT_EQ(sky.match(make_profile("hls", Sensor::landsat)).shadow.count(), 0);
}

TEST(ShadowMatch, AShadowThatLeavesTheImageIsMatchedButNotFill) {
    Sky sky(1000, 140, {});
    BitPlane corner(200, 200);
    for (int r = 0; r < 8; ++r)
        for (int c = 0; c < 8; ++c) corner.set(r, c);
    sky.cloud = corner;
    sky.holes = BitPlane(200, 200);
    const auto found = sky.match(make_profile("hls", Sensor::landsat));
    EXPECT_EQ(found.matched, 1);
}

TEST(ShadowMatch, ColdTopsCastTheirShadowFarther) {
    // The middle of the cloud is 6.5 K colder than its base: 1 km higher.
    Plane<std::int16_t> temperature(200, 200, 2000);
    for (int r = 90; r < 110; ++r)
        for (int c = 90; c < 110; ++c) {
            const bool core = r >= 95 && r < 105 && c >= 95 && c < 105;
            temperature(r, c) = core ? 950 : 1600;
        }
    Sky sky(1000, 140, {});
    sky.temperature = &temperature;
    sky.holes = BitPlane(200, 200);
    const Displacement move = displacement_of(kSunZenith, 140, {}, kPixel);
    for (int r = 90; r < 110; ++r)
        for (int c = 90; c < 110; ++c) {
            const double height = temperature(r, c) == 950 ? 2000 : 1000;
            sky.holes.set(r + static_cast<int>(std::lround(height * move.rows)),
                          c + static_cast<int>(std::lround(height * move.cols)));
        }
    sky.holes -= sky.cloud;
    // Lower down the core falls on the shadow of the rim: the first maximum is not the best one.
    Profile profile = make_profile("hls", Sensor::landsat);
    profile.match = MatchRule::best;
    const auto found = sky.match(profile);
    ASSERT_EQ(found.matched, 1);
    EXPECT_NEAR(static_cast<double>(found.heights[0].base_m), 1000, step_m());
    EXPECT_GT(count_both(found.shadow, sky.holes) * 10, sky.holes.count() * 9);
}

// What is left of the shadow of a large cloud beside it is dark for any lower height as well.
TEST(ShadowMatch, ACloudThatHidesMostOfItsShadowIsNotTakenForALowOne) {
    constexpr double kHeightM = 1400;
    const Displacement move = displacement_of(kSunZenith, 90, {}, kPixel);
    Sky sky(kHeightM, 90, {});
    sky.holes = BitPlane(200, 200);
    for (int r = 50; r < 150; ++r)
        for (int c = 50; c < 150; ++c) {
            sky.cloud.set(r, c);
            sky.holes.set(r + static_cast<int>(std::lround(kHeightM * move.rows)),
                          c + static_cast<int>(std::lround(kHeightM * move.cols)));
        }
    sky.holes -= sky.cloud;
    Profile profile = make_profile("hls", Sensor::sentinel2);
    const auto likely = sky.match(profile);
    EXPECT_NEAR(static_cast<double>(likely.heights[0].base_m), kHeightM, step_m());
    profile.match = MatchRule::first;
    profile.common_share = 0;
    EXPECT_LT(static_cast<double>(sky.match(profile).heights[0].base_m), kHeightM / 2);
}

// Seven clouds at one height. The shadow of the last is seen by three quarters only, and farther
// out there is dark ground of its size.
TEST(ShadowMatch, InDoubtACloudIsAsHighAsThoseAround) {
    constexpr double kHeightM = 900;
    const Displacement move = displacement_of(kSunZenith, 140, {}, kPixel);
    Sky sky(kHeightM, 140, {});
    sky.cloud = BitPlane(200, 200);
    sky.holes = BitPlane(200, 200);
    const auto square = [](BitPlane& plane, double row, double col, int rows) {
        for (int r = 0; r < rows; ++r)
            for (int c = 0; c < 16; ++c)
                plane.set(static_cast<int>(std::lround(row)) + r,
                          static_cast<int>(std::lround(col)) + c);
    };
    for (int i = 0; i < 7; ++i) {
        const int row = i < 3 ? 160 : 110;
        const int col = 60 + 30 * (i % 4);
        square(sky.cloud, row, col, 16);
        square(sky.holes, row + kHeightM * move.rows, col + kHeightM * move.cols, i < 6 ? 16 : 12);
        if (i == 6) square(sky.holes, row + 2500 * move.rows, col + 2500 * move.cols, 16);
    }
    sky.holes -= sky.cloud;
    Profile profile = make_profile("hls", Sensor::sentinel2);
    const auto settled = sky.match(profile);
    ASSERT_EQ(settled.heights.size(), 7u);
    int in_common = 0, alone = 0;
    for (const CloudHeight& height : settled.heights)
        in_common += std::abs(static_cast<double>(height.base_m) - kHeightM) < 250;
    profile.common_share = 0;
    for (const CloudHeight& height : sky.match(profile).heights)
        alone += std::abs(static_cast<double>(height.base_m) - kHeightM) < 250;
    EXPECT_EQ(in_common, 7);
    EXPECT_EQ(alone, 6);
}

TEST(ShadowMatch, ThreadsDoNotMatter) {
    Sky sky(1100, 140, view_tangent(5, 100));
    sky.cloud = random_bits(200, 200, 25, 3);
    sky.holes = random_bits(200, 200, 30, 4);
    sky.holes -= sky.cloud;
    const Profile profile = make_profile("hls", Sensor::landsat);
    const auto one = sky.match(profile, 1);
    const auto many = sky.match(profile, 4);
    EXPECT_EQ(one.shadow, many.shadow);
    EXPECT_EQ(one.matched, many.matched);
}

}  // namespace
}  // namespace hls::fmask
