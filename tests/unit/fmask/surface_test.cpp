// SPDX-License-Identifier: Apache-2.0
#include "fmask/surface.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace hls::fmask {
namespace {

// One pixel, in units of 1e-4 and 0.01 deg C. As it stands it passes every test of cloud.
struct Pixel {
    std::uint16_t blue = 3000, green = 3000, red = 3000, nir = 3200, swir1 = 2500, swir2 = 1500;
    std::int16_t temperature = 1000;
    std::uint8_t saturated = 0;
};

struct Result {
    std::uint8_t cloud = 9, snow = 9, water = 9;
    std::int16_t heat = 0, variability = 0;
};

Result test_one(const Pixel& p, const PixelTests& tests = {}) {
    Result out;
    test_pixels(
        tests,
        {{&p.blue, 1},
         {&p.green, 1},
         {&p.red, 1},
         {&p.nir, 1},
         {&p.swir1, 1},
         {&p.swir2, 1},
         {&p.temperature, 1},
         {&p.saturated, 1}},
        {{&out.cloud, 1}, {&out.snow, 1}, {&out.water, 1}, {&out.heat, 1}, {&out.variability, 1}});
    return out;
}

TEST(PixelTests, CloudPassesAllAndFailsEach) {
    EXPECT_EQ(test_one({}).cloud, 1);
    EXPECT_EQ(test_one({.swir2 = 300}).cloud, 0);
    EXPECT_EQ(test_one({.swir2 = 301}).cloud, 1);
    EXPECT_EQ(test_one({.temperature = 2700}).cloud, 0);
    EXPECT_EQ(test_one({.temperature = 2699}).cloud, 1);
    EXPECT_EQ(test_one({.temperature = 2700}, {.thermal = false}).cloud, 1);
    EXPECT_EQ(test_one({.nir = 3000, .swir1 = 4000}).cloud, 0);  // 0.75 exactly
    EXPECT_EQ(test_one({.nir = 3001, .swir1 = 4000}).cloud, 1);
    EXPECT_EQ(test_one({.green = 9000, .nir = 9000, .swir1 = 1000}).cloud, 0);  // NDSI 0.8
    EXPECT_EQ(test_one({.blue = 2000, .green = 2000, .red = 1000, .nir = 9000}).cloud, 0);  // NDVI
}

TEST(PixelTests, HazeTestIsBlueAgainstHalfRed) {
    // 2 b - r - 0.16 > 0
    EXPECT_EQ(test_one({.blue = 2300, .green = 3000, .red = 3000}).cloud, 0);
    EXPECT_EQ(test_one({.blue = 2301, .green = 3000, .red = 3000}).cloud, 1);
    EXPECT_EQ(test_one({.blue = 2300, .green = 3000, .red = 3000, .saturated = 4}).cloud, 1);
}

TEST(PixelTests, WhitenessIsTheSpreadOfVisibleBands) {
    // b 0.5, g = r = 0.2: mean 0.3, spread 0.4, whiteness 1.333
    EXPECT_EQ(test_one({.blue = 5000, .green = 2000, .red = 2000}).cloud, 0);
    EXPECT_EQ(test_one({.blue = 5000, .green = 2000, .red = 2000, .saturated = 1}).cloud, 1);
}

TEST(PixelTests, ZeroDenominatorsCountAsAHundredth) {
    const Pixel black{0, 0, 0, 0, 0, 0, 1000, 0};
    EXPECT_EQ(test_one(black).cloud, 0);
    EXPECT_EQ(test_one(black).snow, 0);
    EXPECT_EQ(test_one(black).water, 1);  // 0 < NDVI < 0.1 and dark
    EXPECT_EQ(test_one(black).variability, 9900);
}

TEST(PixelTests, SnowIsBrightColdAndDarkInSwir) {
    const Pixel snow{7000, 7000, 6800, 6000, 1000, 800, 0, 0};
    EXPECT_EQ(test_one(snow).snow, 1);
    Pixel warm = snow;
    warm.temperature = 1000;
    EXPECT_EQ(test_one(warm).snow, 0);
    EXPECT_EQ(test_one(warm, {.thermal = false}).snow, 1);
    Pixel dark = snow;
    dark.nir = 1100;
    EXPECT_EQ(test_one(dark).snow, 0);
    EXPECT_EQ(test_one({1150, 1150, 1000, 1200, 850, 500, 0, 0}).snow, 0);  // NDSI 0.15 exactly
    EXPECT_EQ(test_one({1150, 1150, 1000, 1200, 849, 500, 0, 0}).snow, 1);
}

TEST(PixelTests, WaterIsDarkWithoutVegetation) {
    EXPECT_EQ(test_one({.red = 1090, .nir = 1090}).water, 1);  // NDVI 0
    EXPECT_EQ(test_one({.red = 1100, .nir = 1100}).water, 0);
    EXPECT_EQ(test_one({.red = 450, .nir = 490}).water, 1);  // NDVI 0.04
    EXPECT_EQ(test_one({.red = 450, .nir = 500}).water, 0);
    EXPECT_EQ(test_one({.red = 300, .nir = 490}).water, 0);  // NDVI 0.24
}

TEST(PixelTests, VariabilityIsOneLessTheLargestIndex) {
    // NDVI 0.0323, NDSI 0.0909, NDBI -0.1228: the built-up index is the largest
    EXPECT_EQ(test_one({}).variability, 10000 - static_cast<int>(std::lround(1e4 * 700 / 5700.)));
    EXPECT_EQ(test_one({}, {.built_up_lowers = false}).variability,
              10000 - static_cast<int>(std::lround(1e4 * 500 / 5500.)));
    // saturated red hides vegetation, saturated green hides a lack of snow
    const Pixel green{1000, 1500, 1000, 5000, 4000, 2000, 1000, 0};
    EXPECT_EQ(test_one(green).variability, 10000 - 6667);
    Pixel red_out = green;
    red_out.saturated = 4;
    EXPECT_EQ(test_one(red_out).variability, 10000 - 4545);  // NDSI
    red_out.saturated = 6;
    EXPECT_EQ(test_one(red_out).variability, 10000 - 1111);  // NDBI
}

TEST(PixelTests, HeatIsTemperatureOrHaze) {
    EXPECT_EQ(test_one({}).heat, 1000);
    EXPECT_EQ(test_one({}, {.thermal = false}).heat, 2 * 3000 - 3000 - 1600);
    EXPECT_EQ(test_one({.blue = 20000, .red = 0}, {.thermal = false}).heat, 32767);
}

}  // namespace
}  // namespace hls::fmask
