// SPDX-License-Identifier: Apache-2.0
#include "tile/nbar.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tile/stored_value.hpp"

namespace hls::tile {
namespace {

// tiling.md 2.8.
TEST(BrdfKernels, TestVector) {
    const BrdfKernels kernels = brdf_kernels(33.719081405083, 0, 0);
    EXPECT_NEAR(kernels.vol, -0.03630933803066538, 1e-14);
    EXPECT_NEAR(kernels.geo, -0.794400973383119, 1e-13);
}

TEST(BrdfKernels, VanishForSunAndViewAtTheZenith) {
    const BrdfKernels kernels = brdf_kernels(0, 0, 0);
    EXPECT_NEAR(kernels.vol, 0, 1e-12);
    EXPECT_NEAR(kernels.geo, 0, 1e-12);
}

TEST(BrdfKernels, DoNotCareForSignAndTurnsOfAzimuth) {
    const BrdfKernels a = brdf_kernels(40, 7, 100);
    for (const double azimuth : {-100.0, 260.0, -260.0}) {
        const BrdfKernels b = brdf_kernels(40, 7, azimuth);
        EXPECT_NEAR(a.vol, b.vol, 1e-10);
        EXPECT_NEAR(a.geo, b.geo, 1e-10);
    }
}

TEST(BrdfKernels, AreFiniteInTheHotSpotAndForAnyStoredAngle) {
    for (const double zenith : {0.01, 30.0, 76.0, 89.99})
        for (const double azimuth : {0.0, 0.01, 180.0}) {
            const BrdfKernels kernels = brdf_kernels(zenith, zenith, azimuth);
            EXPECT_TRUE(std::isfinite(kernels.vol) && std::isfinite(kernels.geo)) << zenith;
        }
}

struct Rows {
    std::vector<std::uint16_t> sza, saa, vza, vaa;
    AngleRow row() const { return {sza, saa, vza, vaa}; }
};

TEST(Nbar, LeavesAPixelSeenLikeTheTargetAlone) {
    const Nbar nbar(kL30Brdf, 30);
    std::array<double, 7> factors{};
    nbar.factors({3000, 12345, 0, 0}, factors);
    for (const double factor : factors) EXPECT_NEAR(factor, 1, 1e-15);
}

TEST(Nbar, RoundsHalfUpAndKeepsFill) {
    const Nbar nbar(kL30Brdf, 33.719081405083);
    const Rows angles{{3700, 3700, 40000, 3700},
                      {5500, 5500, 40000, 5500},
                      {500, 500, 40000, 500},
                      {10000, 10000, 40000, 10000}};
    std::array<std::vector<std::int16_t>, 7> bands;
    std::array<std::span<std::int16_t>, 7> views;
    for (std::size_t b = 0; b < bands.size(); ++b) {
        bands[b] = {1000, kFill, 1000, -1000};
        views[b] = bands[b];
    }
    std::array<double, 7> factors{};
    nbar.factors(angles.row().at(0), factors);
    nbar.apply(angles.row(), views);
    for (std::size_t b = 0; b < bands.size(); ++b) {
        EXPECT_EQ(bands[b][0], std::floor(1000 * factors[b] + 0.5));
        EXPECT_EQ(bands[b][1], kFill);
        EXPECT_EQ(bands[b][2], 1000) << "no angles";
        EXPECT_EQ(bands[b][3], std::floor(-1000 * factors[b] + 0.5));
        EXPECT_GT(std::abs(factors[b] - 1), 1e-3);
    }
    EXPECT_EQ(factors[0], factors[1]) << "coastal takes the model of blue";
}

TEST(StoredValue, RoundsHalfUpAndClamps) {
    EXPECT_EQ(round_half_up(-0.5), 0);
    EXPECT_EQ(round_half_up(0.5), 1);
    EXPECT_EQ(round_half_up(-1.5), -1);
    EXPECT_EQ(round_half_up(1e9), 32767);
    EXPECT_EQ(round_half_up(-1e9), -32768);
    EXPECT_EQ(truncate(-1.99), -1);
    EXPECT_EQ(truncate(1.99), 1);
    EXPECT_EQ(truncate(4e4), 32767);
    EXPECT_EQ(truncate(-4e4), -32768);
}

// tiling.md 2.1: the range is -2000..16022; 273.16 K is 0 degrees.
TEST(StoredValue, TablesOfAcScenes) {
    EXPECT_EQ(reflectance_table()[0], -9999);
    EXPECT_EQ(reflectance_table()[1], -2000);
    EXPECT_EQ(reflectance_table()[7273], 0);
    EXPECT_EQ(reflectance_table()[65535], 16022);
    EXPECT_EQ(thermal_table()[0], -9999);
    EXPECT_EQ(thermal_table()[36325], 0);
    EXPECT_EQ(thermal_table()[1], -12416) << "below fill: counts as no data in the mosaic";
}

}  // namespace
}  // namespace hls::tile
