// SPDX-License-Identifier: Apache-2.0
// Own tables of one thin band: same bytes for any thread count, physics, agreement with exact
// solves.
#include "atmosphere/table_builder.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "atmosphere/exact.hpp"
#include "core/error.hpp"

namespace hls::atmosphere {
namespace {

// MSI 12 (2.2 um) has the thinnest columns and is built in seconds.
TableSettings one_band() {
    TableSettings settings;
    settings.sensor = Sensor::msi;
    settings.wavelengths = WavelengthSet::srf;
    settings.bands = {"12"};
    return settings;
}

const Tables& built() {
    static const Tables tables = build_tables(one_band(), 2);
    return tables;
}

float path(const Tables& tables, int pressure, int aot, int entry) {
    return tables.bands[0].path_reflectance[static_cast<std::size_t>(
        (pressure * kAots + aot) * tables.angles.entries + entry)];
}

TEST(TableBuilder, ShapesAndSource) {
    const Tables& tables = built();
    ASSERT_EQ(tables.bands.size(), 1U);
    EXPECT_EQ(tables.bands[0].name, "12");
    EXPECT_EQ(tables.angles.view_zenith_deg.size(), 6U);
    EXPECT_EQ(tables.bands[0].transmittance.size(), 7U * 22 * 22);
    EXPECT_EQ(tables.bands[0].extinction.size(), 7U * 22);
    for (const char* word : {"clamp", "srf", "6 views", "fast"})
        EXPECT_NE(tables.source.find(word), std::string::npos) << word;
}

TEST(TableBuilder, SameBytesForOneAndTwoThreads) {
    const Tables one = build_tables(one_band(), 1);
    EXPECT_EQ(one.bands[0].path_reflectance, built().bands[0].path_reflectance);
    EXPECT_EQ(one.bands[0].transmittance, built().bands[0].transmittance);
    EXPECT_EQ(one.bands[0].spherical_albedo, built().bands[0].spherical_albedo);
    EXPECT_EQ(one.bands[0].extinction, built().bands[0].extinction);
}

TEST(TableBuilder, NadirReflectanceGrowsWithAot) {
    const Tables& tables = built();
    for (int pressure = 0; pressure < kPressures; ++pressure)
        for (int sun = 0; sun < 20; ++sun)
            for (int aot = 1; aot < kAots; ++aot) {
                const int entry = tables.angles.first(0, sun);
                EXPECT_GT(path(tables, pressure, aot, entry),
                          path(tables, pressure, aot - 1, entry) + 1e-5)
                    << pressure << " " << sun << " " << aot;
            }
}

TEST(TableBuilder, NodesEqualExactSolves) {
    const Tables& tables = built();
    const double wavelength = spectral_nodes(Sensor::msi, 12, WavelengthSet::srf)[0].wavelength_um;
    for (const int aot : {3, 8, 12})
        for (const int sun : {5, 15}) {
            const int view = 4;
            const int first = tables.angles.first(view, sun);
            const int last = first + tables.angles.count(view, sun) - 1;
            const ExactQuery backward{wavelength, kAot550[static_cast<std::size_t>(aot)], 1013,
                                      4. * sun,   tables.angles.view_zenith_deg[4],       0};
            ExactQuery forward = backward;
            forward.raa_deg = 180;
            const auto exact = solve_exactly(std::vector{backward, forward}, 1);
            EXPECT_NEAR(path(tables, 1, aot, first), exact[0].rho_path, 3e-5);
            EXPECT_NEAR(path(tables, 1, aot, last), exact[1].rho_path, 3e-5);
            const auto column = static_cast<std::size_t>(kAots + aot);
            EXPECT_NEAR(
                tables.bands[0].transmittance[column * kSuns + static_cast<std::size_t>(sun)],
                exact[0].t_down, 1e-4);
            EXPECT_NEAR(tables.bands[0].spherical_albedo[column], exact[0].spherical_albedo, 1e-4);
        }
}

TEST(TableBuilder, ProgressEndsAtOne) {
    TableSettings settings = one_band();
    settings.view_nodes = 1;
    double last = 0;
    build_tables(settings, 2, [&](double fraction) {
        EXPECT_GE(fraction, last);
        last = fraction;
    });
    EXPECT_NEAR(last, 1, 1e-9);
}

TEST(TableBuilder, UnknownBandIsAUsageError) {
    TableSettings settings = one_band();
    settings.bands = {"14"};
    try {
        build_tables(settings, 1);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::usage);
        EXPECT_NE(error.message.find("14"), std::string::npos);
    }
}

}  // namespace
}  // namespace hls::atmosphere
