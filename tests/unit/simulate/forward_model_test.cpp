// SPDX-License-Identifier: Apache-2.0
#include "simulate/forward_model.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "simulate/exact_transfer.hpp"

namespace hls::simulate {
namespace {

const SceneSpan kSpan{24, 28, -7, 7, 130, 0.05, 0.5};

// Smooth in everything, so that interpolation can be judged, and cheap.
std::vector<Transfer> smooth_air(std::span<const TransferQuery> queries) {
    std::vector<Transfer> answers;
    for (const TransferQuery& q : queries)
        answers.push_back({0.05 + 0.1 * q.aot550 + 1e-5 * q.sun_zenith_deg * q.sun_zenith_deg,
                           1 - 0.2 * q.aot550, 1 - 0.1 * q.aot550, 0.1 + 0.1 * q.aot550});
    return answers;
}

TEST(ForwardModel, RayleighWavelengthsAreThoseOfTheBands) {
    EXPECT_NEAR(rayleigh_wavelength_um(0.236638), 0.4430, 1e-4);
    EXPECT_NEAR(rayleigh_wavelength_um(0.015601), 0.8647, 1e-4);
    EXPECT_NEAR(rayleigh_wavelength_um(0.000367), 2.2007, 2e-3);
}

TEST(ForwardModel, InterpolatesSmoothAirExactly) {
    const AirColumn dry{0.3, 0.01, 0};
    const ForwardModel model(dry, kSpan, smooth_air);
    const Optics optics = model.at(1, 25.3, 3.1, 0.33);
    // Coastal band: no water vapour, ozone exp(-.00255649 m .3), other gases 1.
    const double mass = 1 / std::cos(25.3 * M_PI / 180) + 1 / std::cos(3.1 * M_PI / 180);
    const double ozone = std::exp(-0.00255649 * mass * 0.3);
    EXPECT_NEAR(double(optics.path), ozone * (0.05 + 0.033 + 1e-5 * 25.3 * 25.3), 2e-6);
    EXPECT_NEAR(double(optics.transmission), ozone * (1 - 0.066) * (1 - 0.033), 2e-6);
    EXPECT_NEAR(double(optics.albedo), 0.133, 1e-6);
    EXPECT_NEAR(double(optics.top_of_atmosphere(0.4f)),
                double(optics.path) + double(optics.transmission) * 0.4 / (1 - 0.133 * 0.4), 1e-6);
}

// lasrc.md 4.6 by hand for band 7: sun 0, view 0, m = 2, 1013 hPa, 2 g/cm2, 0.3 cm-atm.
TEST(ForwardModel, GasesOfBandSeven) {
    const ForwardModel model({0.3, 2.0, 0}, {0, 0.5, -0.25, 0.25, 90, 0.05, 0.5}, smooth_air);
    const double water = std::exp(-0.0177533 * std::pow(4.0, 0.65094));
    const double water_above = std::exp(-0.0177533 * std::pow(2.0, 0.65094));
    const double other = std::exp(0.0001 * 2 * 0.3) *
                         std::exp(-0.0256526 * std::pow(2.0, std::exp(-(0.243961 + 0.0616101))));
    const Optics optics = model.at(7, 0, 0, 0.5);
    EXPECT_NEAR(double(optics.transmission), other * water * 0.9 * 0.95, 3e-6);
    EXPECT_NEAR(double(optics.path), other * (0.05 + 0.05 * water_above), 3e-6);
}

TEST(ForwardModel, ViewsEastAndWestOfTheTrackDiffer) {
    int east = 0, west = 0;
    const auto solver = [&](std::span<const TransferQuery> queries) {
        for (const TransferQuery& q : queries) {
            east += q.relative_azimuth_deg == 130 && q.view_zenith_deg > 0 ? 1 : 0;
            west += q.relative_azimuth_deg == 50 && q.view_zenith_deg > 0 ? 1 : 0;
        }
        return smooth_air(queries);
    };
    const ForwardModel model({}, kSpan, solver);
    EXPECT_GT(east, 0);
    EXPECT_EQ(east, west);
}

// Between its nodes the model must agree with solving right there.
TEST(ForwardModel, AgreesWithExactSolvesBetweenNodes) {
    const AirColumn air{0.3, 0.01, 300};
    const TransferSolver solver = exact_transfer(2);
    const ForwardModel model(air, kSpan, solver);
    for (const double aot : {0.07, 0.21, 0.43}) {
        const double wavelength = rayleigh_wavelength_um(0.23638f);
        const TransferQuery query{wavelength, aot, air.pressure_hpa(), 25.1, 4.2, 130};
        const Transfer exact = solver(std::span(&query, 1)).front();
        const Optics optics = model.at(1, 25.1, 4.2, aot);
        const double mass = 1 / std::cos(25.1 * M_PI / 180) + 1 / std::cos(4.2 * M_PI / 180);
        const double ozone = std::exp(-0.00255649 * mass * 0.3);
        EXPECT_NEAR(double(optics.path), ozone * exact.path_reflectance, 3e-5) << aot;
        EXPECT_NEAR(double(optics.transmission),
                    ozone * exact.down_transmittance * exact.up_transmittance, 3e-5)
            << aot;
        EXPECT_NEAR(double(optics.albedo), exact.spherical_albedo, 3e-5) << aot;
    }
}

}  // namespace
}  // namespace hls::simulate
