// SPDX-License-Identifier: Apache-2.0
// Rayleigh optical depth and moments against the numbers of rt.md 2 and 3.
#include "atmosphere/molecules.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace hls::atmosphere {
namespace {

TEST(Molecules, OpticalDepthEqualsTheReferenceModel) {
    const std::pair<double, double> known[] = {
        {.4430, .236638},  {.4820, .167269},  {.5614, .089688}, {.6546, .048049}, {.8647, .015601},
        {1.6089, .001288}, {2.2007, .000367}, {.4924, .153252}, {.5598, .090737}, {.6646, .045185}};
    for (const auto& [wavelength, tau] : known)
        EXPECT_NEAR(rayleigh_optical_depth(wavelength, 1013), tau, 1e-6) << wavelength;
}

TEST(Molecules, OpticalDepthScalesWithPressure) {
    EXPECT_DOUBLE_EQ(rayleigh_optical_depth(.443, 506.5), rayleigh_optical_depth(.443, 1013) / 2);
}

TEST(Molecules, MomentsOfDepolarisedAir) {
    EXPECT_NEAR(rayleigh_anisotropy(kAirDepolarisation), .958726, 1e-6);
    const PhaseMoments m = rayleigh_moments(0);
    EXPECT_EQ(m.max_degree(), 2);
    EXPECT_DOUBLE_EQ(m.beta[2], .5);
    EXPECT_DOUBLE_EQ(m.alpha[2], 3);
    EXPECT_NEAR(m.gamma[2] * m.gamma[2], m.alpha[2] * m.beta[2], 1e-15);
    EXPECT_NEAR(legendre_series(m.beta, 0.5), .75 * (1 + .25), 1e-15);
}

}  // namespace
}  // namespace hls::atmosphere
