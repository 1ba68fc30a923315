// SPDX-License-Identifier: Apache-2.0
// The table lookup on tables whose values are known functions of their axes.
#include "lasrc/atmosphere_function.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "core/error.hpp"
#include "lasrc/molecular_reflectance.hpp"
#include "plain_tables.hpp"

namespace hls::lasrc {
namespace {

constexpr SceneAir kAir{900.f, .3f, 1.f};

TEST(AtmosphereFunction, InterpolatesInPressureAndAot) {
    // T depends on pressure and aerosol alone: T(sun) T(view) = (p/1000 + aot/10)^2.
    const auto tables = plain_tables([](float p, float aot, float) { return p / 1000 + aot / 10; });
    const SceneAir air{950.f, 0.f, 0.f};  // half-way between nodes 1013 and 900, nearly
    const AtmosphereFunction f(tables, "4", SunViewGeometry::of(30.f, 0.f, 0.f), air,
                               Quirks::keep());
    // Linear in the table's variables, so interpolation is exact; also beyond the last AOT node.
    EXPECT_NEAR(f.at(.12f, kModelEps).transmittance, std::pow(.95 + .012, 2), 1e-5);
    EXPECT_NEAR(f.at(6.f, kModelEps).transmittance, std::pow(.95 + .6, 2), 1e-5);
}

TEST(AtmosphereFunction, PathIsLinearInLogAot) {
    auto tables = plain_tables([](float, float, float) { return 1.f; });
    fill_path(tables, [](float, float aot) { return .1f + .02f * std::log(aot); });
    const AtmosphereFunction f(tables, "4", SunViewGeometry::of(30.f, 0.f, 0.f), {900.f, 0.f, 0.f},
                               Quirks::keep());
    // Between .15 and .20; a linear lookup would give .0644.
    EXPECT_NEAR(f.at(.17f, kModelEps).path_reflectance, .1 + .02 * std::log(.17), 1e-6);
}

TEST(AtmosphereFunction, SunTransmittanceIsLinearInZenith) {
    const auto tables =
        plain_tables([](float, float, float zenith) { return 1.f - zenith / 100.f; });
    const AtmosphereFunction f(tables, "4", SunViewGeometry::of(33.f, 0.f, 0.f), {900.f, 0.f, 0.f},
                               Quirks::keep());
    EXPECT_NEAR(f.at(.1f, kModelEps).transmittance, .67, 1e-6);  // view 0: factor 1
}

TEST(AtmosphereFunction, ViewNodeQuirkExtrapolates) {
    const auto tables =
        plain_tables([](float, float, float zenith) { return 1.f - zenith * zenith / 1e4f; });
    const auto geometry = SunViewGeometry::of(0.f, 7.f, 0.f);
    // 7 deg lies in [6.52, 10.2) of the view nodes: node 1 of the 4-degree table, 4..8.
    const AtmosphereFunction keep(tables, "4", geometry, {900.f, 0.f, 0.f}, Quirks::keep());
    EXPECT_NEAR(keep.at(.1f, kModelEps).transmittance, 1 - (16 + .75 * 48) / 1e4, 1e-6);
    // 2 deg below the first view node but in the first sun interval: the same either way.
    const auto low = SunViewGeometry::of(0.f, 2.f, 0.f);
    const AtmosphereFunction a(tables, "4", low, {900.f, 0.f, 0.f}, Quirks::keep());
    const AtmosphereFunction b(tables, "4", low, {900.f, 0.f, 0.f}, Quirks::fix());
    EXPECT_EQ(a.at(.1f, kModelEps).transmittance, b.at(.1f, kModelEps).transmittance);
    // 5 deg: view interval 0 extrapolates to weight 1.25, the proper one interpolates in 4..8.
    const auto mid = SunViewGeometry::of(0.f, 5.f, 0.f);
    const AtmosphereFunction c(tables, "4", mid, {900.f, 0.f, 0.f}, Quirks::keep());
    const AtmosphereFunction d(tables, "4", mid, {900.f, 0.f, 0.f}, Quirks::fix());
    EXPECT_NEAR(c.at(.1f, kModelEps).transmittance, 1 - 1.25 * 16 / 1e4, 1e-6);
    EXPECT_NEAR(d.at(.1f, kModelEps).transmittance, 1 - (16 + .25 * 48) / 1e4, 1e-6);
}

TEST(AtmosphereFunction, ObliquePathFollowsTheScatteringAngle) {
    auto tables = plain_tables([](float, float, float) { return 1.f; });
    // The stored value is the scattering angle itself; linear, so any direction returns its own
    // angle up to the curvature between zenith nodes.
    fill_path_by_angle(tables, [](float angle) { return angle / 1000.f; });
    const SceneAir vacuum{900.f, 0.f, 0.f};
    for (const float azimuth : {0.f, 60.f, 120.f, 180.f}) {
        const auto g = SunViewGeometry::of(40.f, 10.f, azimuth);
        const double cosine = -g.cos_sun * g.cos_view -
                              g.cos_azimuth * std::sin(40 * kDegToRad) * std::sin(10 * kDegToRad);
        const double angle = std::acos(cosine) * kRadToDeg;
        const AtmosphereFunction f(tables, "4", g, vacuum, Quirks::keep());
        EXPECT_NEAR(f.at(.1f, kModelEps).path_reflectance * 1000, angle, .01) << azimuth;
    }
}

TEST(AtmosphereFunction, GasesOfBandFour) {
    const auto tables = plain_tables([](float, float, float) { return 1.f; });
    const auto g = SunViewGeometry::of(60.f, 0.f, 0.f);  // air mass 3
    const AtmosphereFunction f(tables, "4", g, {1013.f, .3f, 2.f}, Quirks::keep());
    const double p = 1013. * .000987166;
    const double ozone = std::exp(-.0611428 * 3 * .3);
    const double other =
        std::exp(-1.04801e-5 * p * std::pow(3., std::exp(-(.640215 - .348785 * p))));
    const double water = std::exp(-.00404159 * std::pow(6., .774482));
    const BandAtmosphere air = f.at(.1f, kModelEps);
    EXPECT_NEAR(air.gas_transmittance, ozone * other, 1e-6);
    EXPECT_NEAR(air.transmittance, water, 1e-6);
    const AtmosphereFunction dry(tables, "4", g, {1013.f, .3f, 0.f}, Quirks::keep());
    EXPECT_EQ(dry.at(.1f, kModelEps).transmittance, 1.f);
}

TEST(AtmosphereFunction, RescalesAotByAngstromLaw) {
    const auto tables = plain_tables([](float, float aot, float) { return aot; }, 1.5f);
    const AtmosphereFunction f(tables, "1", SunViewGeometry::of(0.f, 0.f, 0.f), {900.f, 0.f, 0.f},
                               Quirks::keep());
    const double load = .2 / 1.5 * std::pow(.443 / .55, -1.3);
    EXPECT_NEAR(f.at(.2f, 1.3f).transmittance, load * load, 1e-6);
}

TEST(AtmosphereFunction, GreenQuirk) {
    const auto tables = plain_tables([](float, float, float) { return 1.f; });
    const auto g = SunViewGeometry::of(30.f, 0.f, 0.f);
    const auto wavelength = [&](const Quirks& quirks) {
        return AtmosphereFunction(tables, "3", g, kAir, quirks).scale().wavelength_um;
    };
    EXPECT_FLOAT_EQ(wavelength(Quirks::keep()), .585f);
    EXPECT_FLOAT_EQ(wavelength(Quirks::fix()), .560f);
}

TEST(AtmosphereFunction, RefusesDirectionsBeyondTheTables) {
    const auto tables = plain_tables([](float, float, float) { return 1.f; });
    const auto make = [&](float sun, float view) {
        return AtmosphereFunction(tables, "4", SunViewGeometry::of(sun, view, 0.f), kAir,
                                  Quirks::keep());
    };
    EXPECT_NO_THROW(make(76.f, 0.f));
    EXPECT_THROW(make(81.f, 0.f), Error);
    EXPECT_THROW(make(30.f, 89.9f), Error);
    EXPECT_THROW(
        AtmosphereFunction(tables, "8A", SunViewGeometry::of(30.f, 0.f, 0.f), kAir, Quirks::keep()),
        Error);
}

TEST(BandAtmosphere, SurfaceUndoesToa) {
    const BandAtmosphere air{.08f, .8f, .15f, .97f};
    for (const float s : {0.f, .05f, .4f, 1.f}) EXPECT_NEAR(air.surface(air.toa(s)), s, 1e-6);
}

TEST(MolecularReflectance, NearTheSingleScatteringLimit) {
    // tau -> 0: rho = tau P(angle) / (4 mus muv), P of Rayleigh with depolarisation .0279.
    const auto g = SunViewGeometry::of(40.f, 0.f, 0.f);
    const double tau = 1e-4, mus = std::cos(40 * kDegToRad);
    const double phase = 1 + .5 * .958725777 * (3 * mus * mus - 1) / 2;
    EXPECT_NEAR(molecular_reflectance(g, 1e-4f) / (tau * phase / (4 * mus)), 1., 2e-3);
}

TEST(MolecularReflectance, GrowsWithOpticalDepth) {
    const auto g = SunViewGeometry::of(30.f, 5.f, 90.f);
    float last = 0;
    for (const float tau : {.0004f, .016f, .048f, .091f, .169f, .236f}) {
        const float now = molecular_reflectance(g, tau);
        EXPECT_GT(now, last);
        last = now;
    }
    EXPECT_NEAR(last, .090, .01);  // coastal band, about 0.09 at this geometry
}

}  // namespace
}  // namespace hls::lasrc
