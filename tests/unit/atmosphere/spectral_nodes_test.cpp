// SPDX-License-Identifier: Apache-2.0
// Wavelengths and molecular depths of the bands in both sets (rt.md 3 and 7).
#include "atmosphere/spectral_nodes.hpp"

#include <gtest/gtest.h>

#include "atmosphere/molecules.hpp"

namespace hls::atmosphere {
namespace {

TEST(SpectralNodes, CompatHasTheConstantsOfLasrc) {
    for (const Sensor sensor : {Sensor::oli, Sensor::msi})
        for (std::size_t b = 0; b < band_constants(sensor).size(); ++b) {
            const auto nodes = spectral_nodes(sensor, b, WavelengthSet::compat);
            ASSERT_EQ(nodes.size(), 1U);
            EXPECT_EQ(nodes[0].tau_rayleigh, band_constants(sensor)[b].tau_rayleigh);
            // The effective wavelength belongs to about that depth: 3.5 % off for MSI 2 at most.
            EXPECT_NEAR(
                rayleigh_optical_depth(nodes[0].wavelength_um, 1013) / nodes[0].tau_rayleigh, 1,
                .05)
                << sensor_name(sensor) << " " << b;
        }
}

TEST(SpectralNodes, SrfDepthsAreTheResponseMeans) {
    // rt.md 3, row SRF.
    const double oli[] = {.23697, .16851, .09074, .04825, .01564, .00129, .00037};
    for (std::size_t b = 0; b < 7; ++b) {
        double mean = 0;
        for (const SpectralNode& node : spectral_nodes(Sensor::oli, b, WavelengthSet::srf))
            mean += node.weight * node.tau_rayleigh;
        EXPECT_NEAR(mean, oli[b], 1e-5 + 2e-4 * oli[b]) << b;
    }
}

TEST(SpectralNodes, WideBandsHaveThreeGaussNodes) {
    const auto blue = spectral_nodes(Sensor::msi, 1, WavelengthSet::srf);
    ASSERT_EQ(blue.size(), 3U);
    EXPECT_NEAR(blue[0].weight, 5. / 18, 1e-12);
    EXPECT_NEAR(blue[1].weight, 8. / 18, 1e-12);
    EXPECT_NEAR(blue[2].wavelength_um - blue[0].wavelength_um, .066 * .774597, 1e-6);
    EXPECT_NEAR(blue[1].wavelength_um, .4924, 2e-3);
    EXPECT_EQ(spectral_nodes(Sensor::oli, 1, WavelengthSet::srf).size(), 3U);
    EXPECT_EQ(spectral_nodes(Sensor::msi, 7, WavelengthSet::srf).size(), 3U);
    EXPECT_EQ(spectral_nodes(Sensor::msi, 8, WavelengthSet::srf).size(), 1U);
}

}  // namespace
}  // namespace hls::atmosphere
