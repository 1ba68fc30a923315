// SPDX-License-Identifier: Apache-2.0
#include "simulate/clouds.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "simulate/cloud_shade.hpp"
#include "simulate/sky.hpp"

namespace hls::simulate {
namespace {

constexpr MapBox kExtent{600000, 4200000, 618000, 4218000};
constexpr double kX = kExtent.west / kPixelM, kY = -kExtent.north / kPixelM;

WorldRequest world_of(CloudKind kind) {
    WorldRequest world;
    world.cloud_fraction = 0.25;
    world.cloud_kind = kind;
    return world;
}

TEST(Clouds, CoverTheFractionAskedFor) {
    for (const CloudKind kind :
         {CloudKind::mixed, CloudKind::thick, CloudKind::broken, CloudKind::thin}) {
        const Clouds clouds(world_of(kind), kExtent, {}, 2);
        int cloudy = 0, count = 0;
        for (int y = 0; y < 600; y += 3)
            for (int x = 0; x < 600; x += 3, ++count) {
                const auto light = light_through(clouds.along(kX + x, kY + y, 300, {}));
                cloudy += light.tau > kHaloTau ? 1 : 0;
            }
        EXPECT_NEAR(double(cloudy) / count, 0.25, 0.035) << static_cast<int>(kind);
    }
}

// Where a slanted line meets a cloud, the vertical through that place meets one at least as high.
TEST(Clouds, LinesMeetCloudsAtTheirHeight) {
    const Slant sun = slant_towards(40, 140);
    const Clouds clouds(world_of(CloudKind::thick), kExtent, sun, 2);
    int met = 0, confirmed = 0, mirrored = 0;
    for (int y = 100; y < 500; y += 7)
        for (int x = 100; x < 500; x += 7) {
            const CloudSample slanted = clouds.along(kX + x, kY + y, 300, sun)[kCumulus];
            if (slanted.tau < kVisibleTau) continue;
            ++met;
            const double up = double(slanted.top_m) - 300;
            const auto as_high_at = [&](double side) {
                const CloudSample above =
                    clouds.along(kX + x + side * up * sun.east, kY + y + side * up * sun.south, 300,
                                 {})[kCumulus];
                return above.tau > 0 && above.top_m > slanted.top_m - 60;
            };
            confirmed += as_high_at(1) ? 1 : 0;
            mirrored += as_high_at(-1) ? 1 : 0;
        }
    EXPECT_GT(met, 300);
    // Where a roof falls off within a pixel, interpolation blurs its edge.
    EXPECT_GT(confirmed, 0.9 * met);
    EXPECT_LT(mirrored, 0.6 * met);
}

TEST(Clouds, HeightsAreThoseOfTheKind) {
    const auto highest_of = [](CloudKind kind, std::size_t layer) {
        const Clouds clouds(world_of(kind), kExtent, {}, 2);
        float highest = 0;
        for (int i = 0; i < 600; ++i) {
            const CloudSample sample = clouds.along(kX + i, kY + (i * 7) % 600, 300, {})[layer];
            if (sample.tau >= kVisibleTau) highest = std::max(highest, sample.top_m);
        }
        return highest;
    };
    EXPECT_GT(highest_of(CloudKind::thin, kIce), 6500);
    EXPECT_LT(highest_of(CloudKind::thick, kCumulus), 4300);
    EXPECT_GT(highest_of(CloudKind::broken, kCells), 2000);
}

TEST(Clouds, SlantsPointWhereTheyShould) {
    const Slant east = slant_towards(45, 90);
    EXPECT_NEAR(east.east, 1 / kPixelM, 1e-12);
    EXPECT_NEAR(east.south, 0, 1e-12);
    EXPECT_NEAR(slant_towards(45, 0).south, -1 / kPixelM, 1e-12);
    // A view angle of the other side is the opposite direction.
    EXPECT_NEAR(slant_towards(-10, 70).east, slant_towards(10, 250).east, 1e-12);
}

TEST(Sky, ThickCloudsAreBrightAndColdAndHideTheGround) {
    CloudColumn column;
    column[kCumulus] = {40, 3300};
    const CloudLight light = light_through(column);
    EXPECT_NEAR(light.reflectance[0], 0.75f, 0.01f);
    EXPECT_LT(light.reflectance[2], light.reflectance[1]);
    EXPECT_LT(light.transmission, 0.07f);
    EXPECT_EQ(light.top_m, 3300);
    const auto radiance = [](double kelvin) { return kelvin; };
    EXPECT_NEAR(thermal_radiance(column, 305, 300, 300, radiance), 300 - 0.0065 * 3000, 1e-6);
    EXPECT_GT(shadow_of(column, 0.7), 0.99f);
}

// What a cloud lets through and the sky beside it, against the open sky alone.
TEST(CloudShade, LeavesTheLightOfCloudsAndOfHalfTheSky) {
    const BandLight infrared{0.94f, 1, 1};
    const SkyDome dome{0.5f, 0.2f};
    EXPECT_FLOAT_EQ(ground_light(infrared, dome, 0), 1);
    EXPECT_NEAR(ground_light(infrared, dome, 1), 0.06 * 0.5 + 0.2, 1e-6);
    EXPECT_NEAR(with_surroundings(0.05f, 0.25f, 0.9f, 1), 0.07, 1e-6);
    EXPECT_FLOAT_EQ(with_surroundings(0.05f, 0.25f, 0.9f, 0), 0.05f);
    const Clouds clouds(world_of(CloudKind::thick), kExtent, {}, 2);
    float brightest = 0;
    for (int i = 0; i < 600; i += 30) {
        const SkyDome here = sky_dome(clouds, kX + i, kY + 300, 300, 0.7);
        EXPECT_LE(here.glow, here.hidden);
        EXPECT_LE(here.hidden, 1);
        brightest = std::max(brightest, here.glow);
    }
    EXPECT_GT(brightest, 0.05f);
    EXPECT_LT(brightest, 0.7f);
}

// 1.375 um sees ice above the vapour, not the cumulus below it.
TEST(Sky, CirrusBandSeesWhatIsHigh) {
    CloudColumn ice, cumulus;
    ice[kIce] = {2, 9000};
    cumulus[kCumulus] = {40, 2000};
    const AirColumn air;
    EXPECT_GT(cirrus_band(ice, air, 2.2, 0.2f), 0.04f);
    EXPECT_LT(cirrus_band(cumulus, air, 2.2, 0.2f), 0.02f);
    EXPECT_LT(cirrus_band({}, air, 2.2, 0.2f), 0.001f);
}

TEST(Sky, SlopesTowardsTheSunAreBrighter) {
    const Slant sun = slant_towards(60, 135);  // south-east
    EXPECT_EQ(sunlight_on_slope(0, 0, sun), 1);
    EXPECT_GT(sunlight_on_slope(-0.3f, 0, sun), 1.2f);  // falls to the east
    EXPECT_LT(sunlight_on_slope(0, -0.3f, sun), 0.8f);  // falls to the north
    EXPECT_EQ(sunlight_on_slope(2, -2, sun), 0);        // steeper than the sun is high
}

TEST(Sky, BlueSkyLightsShadowsMoreThanTheInfraredOne) {
    EXPECT_LT(direct_fraction(0.169f, 0.482, 0.2, 0.8), 0.82f);
    EXPECT_GT(direct_fraction(0.0004f, 2.2, 0.2, 0.8), 0.97f);
}

}  // namespace
}  // namespace hls::simulate
