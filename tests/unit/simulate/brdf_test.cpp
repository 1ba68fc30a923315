// SPDX-License-Identifier: Apache-2.0
#include "simulate/brdf.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace hls::simulate {
namespace {

// The vector of tiling.md 2.8.
TEST(Brdf, KernelsAreThoseOfTheSpec) {
    const BrdfKernels kernels = brdf_kernels(33.719081405083, 0, 0);
    EXPECT_NEAR(kernels.volume, -0.03630933803066538, 1e-12);
    EXPECT_NEAR(kernels.surface, -0.794400973383119, 1e-12);
}

TEST(Brdf, IsReciprocalAndHasAHotSpot) {
    const BrdfKernels there = brdf_kernels(40, 10, 75), back = brdf_kernels(10, 40, 75);
    EXPECT_NEAR(there.volume, back.volume, 1e-12);
    EXPECT_NEAR(there.surface, back.surface, 1e-12);
    const BrdfKernels nadir = brdf_kernels(40, 0, 0);
    const double towards = brdf_ratio(msi_shapes()[8], brdf_kernels(40, 11, 0), nadir);
    const double away = brdf_ratio(msi_shapes()[8], brdf_kernels(40, 11, 180), nadir);
    EXPECT_GT(towards, 1.02);
    EXPECT_LT(away, 0.99);
    EXPECT_EQ(brdf_ratio(msi_shapes()[10], brdf_kernels(40, 11, 0), nadir), 1);
}

// The vector of tiling.md 2.9 for 19LBJ, day 239 of 2020.
TEST(Brdf, NormalisesToTheSunOfTheTile) {
    EXPECT_NEAR(hls_sun_zenith_deg("19LBJ", parse_utc("2020-08-26T14:53:01Z")), 33.7190814050822,
                1e-7);
    EXPECT_THROW(hls_sun_zenith_deg("99XYZ", parse_utc("2020-08-26")), Error);
}

}  // namespace
}  // namespace hls::simulate
