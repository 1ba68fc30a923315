// SPDX-License-Identifier: Apache-2.0
// Band order and coefficients, spot-checked against lasrc.md 0.1, and the lookup by name.
#include "atmosphere/bands.hpp"

#include <gtest/gtest.h>

#include <string>

#include "atmosphere/tables.hpp"
#include "core/error.hpp"

namespace hls::atmosphere {
namespace {

TEST(Bands, OrderOfTheOfficialTables) {
    const auto oli = band_constants(Sensor::oli);
    ASSERT_EQ(oli.size(), 8u);
    for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(oli[i].name, std::to_string(i + 1));
    const auto msi = band_constants(Sensor::msi);
    ASSERT_EQ(msi.size(), 13u);
    EXPECT_EQ(msi[7].name, "8");
    EXPECT_EQ(msi[8].name, "8a");
    EXPECT_EQ(msi[9].name, "9");
    EXPECT_EQ(msi[12].name, "12");
    EXPECT_EQ(sensor_name(Sensor::msi), "msi");
}

TEST(Bands, SpotValues) {
    const auto oli = band_constants(Sensor::oli);
    EXPECT_FLOAT_EQ(oli[2].angstrom_um, .585f);
    EXPECT_FLOAT_EQ(oli[7].tau_rayleigh, .07984f);
    EXPECT_DOUBLE_EQ(oli[3].og_b1, -.348785);
    EXPECT_DOUBLE_EQ(oli[6].wv_b, .65094);
    const auto msi = band_constants(Sensor::msi);
    EXPECT_FLOAT_EQ(msi[8].tau_rayleigh, .01560f);
    EXPECT_DOUBLE_EQ(msi[5].oz, -.0108641);
    EXPECT_DOUBLE_EQ(msi[6].oz, .0001);
    EXPECT_DOUBLE_EQ(msi[4].og_b0, -.980313);
    EXPECT_DOUBLE_EQ(msi[10].og_b1, -.216849);
    EXPECT_DOUBLE_EQ(msi[7].wv_a, .0285871);
}

TEST(Tables, BandByName) {
    Tables tables;
    tables.source = "test";
    tables.bands.push_back({"8a", {1.f}, {}, {}, {}});
    EXPECT_EQ(tables.band("8a").path_reflectance[0], 1.f);
    try {
        tables.band("9");
        FAIL() << "band 9 found";
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::bad_input);
        EXPECT_NE(error.message.find("no band 9"), std::string::npos);
    }
}

}  // namespace
}  // namespace hls::atmosphere
