// SPDX-License-Identifier: Apache-2.0
// Cubic fits, their range, and the model against the lookup it approximates.
#include "lasrc/polynomial_model.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

#include "plain_tables.hpp"

namespace hls::lasrc {
namespace {

using AotRow = std::array<float, atmosphere::kAots>;

TEST(FitCubic, RecoversACubic) {
    AotRow y;
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double x = static_cast<double>(atmosphere::kAot550[i]);
        y[i] = static_cast<float>(.003 * x * x * x - .02 * x * x + .15 * x + .07);
    }
    const Cubic fit = fit_cubic(atmosphere::kAot550, y);
    // float32 normal equations: what matters is the curve, not each coefficient.
    for (std::size_t i = 0; i < y.size(); ++i)
        EXPECT_NEAR(fit.at(atmosphere::kAot550[i]), y[i], 2e-5) << i;
}

TEST(FitCubic, FourPointsAreInterpolated) {
    const std::array<float, 4> x{.01f, .5f, 1.f, 2.f}, y{.1f, .2f, .1f, .4f};
    const Cubic fit = fit_cubic(x, y);
    for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(fit.at(x[i]), y[i], 1e-3);
}

TEST(FitCubic, SingularSystemIsZero) {
    const std::array<float, 4> x{1.f, 1.f, 1.f, 1.f}, y{1.f, 2.f, 3.f, 4.f};
    for (const float c : fit_cubic(x, y).c) EXPECT_EQ(c, 0.f);
}

TEST(LastRisingNode, StopsBeforeTheFirstFlatStep) {
    AotRow path;
    for (std::size_t i = 0; i < path.size(); ++i) path[i] = .01f * static_cast<float>(i);
    EXPECT_EQ(last_rising_node(path), 21);
    AotRow flat_end = path;
    flat_end[21] = flat_end[20];
    EXPECT_EQ(last_rising_node(flat_end), 20);
    AotRow dip = path;
    dip[7] = dip[6] + 5e-6f;
    EXPECT_EQ(last_rising_node(dip), 6);
    AotRow flat{};
    EXPECT_EQ(last_rising_node(flat), 0);
}

AtmosphereFunction rising_atmosphere(const std::function<float(float)>& path) {
    auto tables = plain_tables([](float, float aot, float) { return 1.f - .05f * aot; });
    fill_path(tables, [&](float, float aot) { return path(aot); });
    return {tables, "5", SunViewGeometry::of(30.f, 0.f, 0.f), {1000.f, .3f, 1.f}, Quirks::keep()};
}

TEST(PolynomialModel, FollowsTheLookup) {
    const auto f = rising_atmosphere([](float aot) { return .02f + .05f * aot; });
    const PolynomialModel model = fit_polynomial_model(f, kModelEps, Quirks::keep());
    EXPECT_FLOAT_EQ(model.largest_load, 5.f);
    for (const float aot : {.05f, .3f, 1.f, 2.5f})
        for (const float toa : {.05f, .2f, .5f})
            EXPECT_NEAR(model.surface_at_load(toa, aot), f.at(aot, kModelEps).surface(toa), 5e-3)
                << aot << " " << toa;
}

TEST(PolynomialModel, LoadIsLimitedWherePathSaturates) {
    const auto f = rising_atmosphere([](float aot) { return .05f * std::min(aot, 1.f); });
    const PolynomialModel model = fit_polynomial_model(f, kModelEps, Quirks::keep());
    EXPECT_FLOAT_EQ(model.largest_load, 1.f);
    EXPECT_EQ(model.load(3.f, 1.f), 1.f);
    EXPECT_EQ(model.load(.7f, 1.f), .7f);
}

TEST(PolynomialModel, FlatPathStillGivesFiniteNumbers) {
    const auto f = rising_atmosphere([](float) { return .05f; });
    const PolynomialModel model = fit_polynomial_model(f, kModelEps, Quirks::keep());
    EXPECT_FLOAT_EQ(model.largest_load, .01f);
    EXPECT_NEAR(model.path.at(.01f), f.at(.01f, kModelEps).path_reflectance, 1e-3);
}

TEST(PolynomialModel, DoubleAngstromQuirkSamplesElsewhere) {
    const auto f = rising_atmosphere([](float aot) { return .05f * aot; });
    const PolynomialModel plain = fit_polynomial_model(f, kModelEps, Quirks::keep());
    const PolynomialModel twice = fit_polynomial_model(f, 2.5f, Quirks::keep());
    // Band 5 at .865 um: (.865/.55)^-2.5 = .3224 of the load at the same argument.
    EXPECT_NEAR(twice.path.at(1.f) / plain.path.at(1.f), .3224, .02);
}

}  // namespace
}  // namespace hls::lasrc
