// SPDX-License-Identifier: Apache-2.0
// Layers and fluxes of a column: order, limits and conservation of energy.
#include "atmosphere/column_fluxes.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "atmosphere/molecules.hpp"
#include "atmosphere/quadrature.hpp"

namespace hls::atmosphere {
namespace {

void expect_descending_to_ground(const MixedLevels& levels, double depth) {
    ASSERT_EQ(levels.depth.size(), 31U);
    ASSERT_EQ(levels.molecular_share.size(), 31U);
    EXPECT_EQ(levels.depth.front(), 0);
    EXPECT_NEAR(levels.depth.back(), depth, 1e-12);
    for (std::size_t i = 1; i < levels.depth.size(); ++i) {
        EXPECT_GT(levels.depth[i], levels.depth[i - 1]) << i;
        EXPECT_LE(levels.molecular_share[i], levels.molecular_share[i - 1]) << i;
    }
}

TEST(MixedLevels, EqualLayersWhereTheMixtureChangesSlowly) {
    const MixedLevels levels = mixed_levels(.2366, .1);
    expect_descending_to_ground(levels, .3366);
    for (std::size_t i = 0; i < 31; ++i)
        EXPECT_NEAR(levels.depth[i], .3366 * static_cast<double>(i) / 30, 1e-9);
    // At the ground: extinction per km of the exponential profiles of 8 and 2 km.
    EXPECT_NEAR(levels.molecular_share.back(), (.2366 / 8) / (.2366 / 8 + .1 / 2), 1e-12);
}

TEST(MixedLevels, ThinLayersWhereMoleculesEnd) {
    const MixedLevels levels = mixed_levels(.0003, .3);
    expect_descending_to_ground(levels, .3003);
    for (std::size_t i = 1; i < 30; ++i)
        EXPECT_GE(levels.molecular_share[i], .25 * levels.molecular_share[i - 1]) << i;
    EXPECT_LT(levels.depth[1], .3003 / 30 / 2);
}

TEST(MixedLevels, OneScattererAlone) {
    for (const double share : mixed_levels(.1, 0).molecular_share) EXPECT_EQ(share, 1);
    for (const double share : mixed_levels(0, .1).molecular_share) EXPECT_EQ(share, 0);
}

TEST(ColumnFluxes, DiffuseLightIsConserved) {
    // Of isotropic light from the ground without absorption, what does not come back escapes.
    const GaussRule rule = gauss_legendre(24, 0, 1);
    const FluxSolver solver(16, rule.node, kAirDepolarisation);
    std::vector<double> haze;  // Henyey and Greenstein, g = .6
    for (int l = 0; l < 32; ++l) haze.push_back((2 * l + 1) * std::pow(.6, l));
    const FluxKernel kernel = solver.kernel(haze);
    for (const auto& [molecules, aerosol] : {std::pair{.24, 0.}, {0., .5}, {.1, 1.5}, {.001, .3}}) {
        const ColumnFluxes fluxes = solver.solve({molecules, aerosol, 1, &kernel});
        double escaped = 0;
        for (std::size_t i = 0; i < 24; ++i)
            escaped += 2 * rule.node[i] * rule.weight[i] * fluxes.transmittance[i];
        const double layer = (molecules + aerosol) / 30;  // the error is of second order
        EXPECT_NEAR(escaped + fluxes.spherical_albedo, 1, 1e-5 + .15 * layer * layer)
            << molecules << ' ' << aerosol;
    }
}

TEST(ColumnFluxes, AbsorptionTakesItsShare) {
    const double mu = .7;
    const FluxSolver solver(16, std::span(&mu, 1), kAirDepolarisation);
    const FluxKernel kernel = solver.kernel(std::vector<double>{1, 1.8, 1});
    const ColumnFluxes black = solver.solve({0, .3, 0, &kernel});
    EXPECT_NEAR(black.transmittance[0], std::exp(-.3 / mu), 1e-12);
    EXPECT_EQ(black.spherical_albedo, 0);
    EXPECT_GT(solver.solve({0, .3, .9, &kernel}).transmittance[0], black.transmittance[0]);
}

}  // namespace
}  // namespace hls::atmosphere
