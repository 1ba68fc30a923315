// SPDX-License-Identifier: Apache-2.0
// Encodings, the fast power, and the correction of a row of pixels.
#include "lasrc/final_correction.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "lasrc/exp2.hpp"
#include "plain_model.hpp"

namespace hls::lasrc {
namespace {

TEST(Encoding, ReflectanceCodes) {
    EXPECT_EQ(encode_reflectance(.1f, true), 10909);   // .3 / 2.75e-5 = 10909.09
    EXPECT_EQ(encode_reflectance(1.6f, true), 65454);  // 65454.5 is limited
    EXPECT_EQ(encode_reflectance(-.2f, true), 0);      // the clash with fill
    EXPECT_EQ(encode_reflectance(-.2f, false), 1);
    EXPECT_EQ(encode_reflectance(0.f, true), 0);  // an exact 0 also reads as fill
    EXPECT_EQ(encode_reflectance(0.f, false), 7273);
}

TEST(Encoding, ThermalCodes) {
    EXPECT_EQ(encode_thermal(300.f), 44178);  // 151 / .00341802 = 44177.6
    EXPECT_EQ(encode_thermal(10.f), 293);     // limited to 150 K
    EXPECT_EQ(encode_thermal(1e9f), 58806);   // 350 K
    EXPECT_EQ(encode_thermal(std::numeric_limits<float>::quiet_NaN()), 293);
}

TEST(Encoding, RoundsHalvesUpWithoutTheFamousCase) {
    EXPECT_EQ(round_positive(.49999997f), 0);
    EXPECT_EQ(round_positive(.5f), 1);
    EXPECT_EQ(round_positive(65453.5f), 65454);
}

TEST(Encoding, LimitsReflectance) {
    EXPECT_EQ(limit_reflectance(-3.f), -.2f);
    EXPECT_EQ(limit_reflectance(3.f), 1.6f);
    EXPECT_EQ(limit_reflectance(std::numeric_limits<float>::quiet_NaN()), -.2f);
}

TEST(FastExp2, IsAccurateToThePromisedError) {
    double worst = 0;
    for (float x = -12.f; x <= 12.f; x += .00037f)
        worst = std::max(
            worst,
            std::fabs(static_cast<double>(fast_exp2(x)) / std::exp2(static_cast<double>(x)) - 1.));
    EXPECT_LT(worst, 2e-7);
    for (const float whole : {-126.f, -3.f, 0.f, 1.f, 100.f})
        EXPECT_EQ(fast_exp2(whole), std::exp2(whole));
}

TEST(Toa, DividesByTheSunAndLimits) {
    const Calibration calibration{2e-5f, -.1f};
    EXPECT_NEAR(toa_reflectance(calibration, 15000, .5f), .4, 1e-6);
    EXPECT_EQ(toa_reflectance(calibration, 0, .25f), -.2f);
    EXPECT_EQ(toa_reflectance(calibration, 65535, .5f), 1.6f);
}

TEST(Toa, CosinesCoverEveryStoredAngle) {
    const auto cosines = cosines_of_hundredths();
    EXPECT_FLOAT_EQ(cosines[6000], .5f);
    EXPECT_FLOAT_EQ(cosines[0], 1.f);
    EXPECT_NEAR(cosines[static_cast<std::uint16_t>(std::int16_t{-9000})], 0.f, 1e-6);
}

TEST(Thermal, PlanckOfBand10) {
    const auto codes = thermal_codes({3.342e-4f, .1f}, 774.8853f, 1321.0789f);
    const double kelvin = 1321.0789 / std::log(774.8853 / (27000 * 3.342e-4 + .1) + 1);
    EXPECT_NEAR(codes[27000], (kelvin - 149) / .00341802, 1.);
    // No radiance: the lowest temperature, not a number that is none.
    EXPECT_EQ(thermal_codes({3.342e-4f, -.1f}, 774.8853f, 1321.0789f)[0], 293);
}

TEST(AerosolLevel, Thresholds) {
    EXPECT_EQ(aerosol_level_bits(0.f), 1 << 6);
    EXPECT_EQ(aerosol_level_bits(.0149f), 1 << 6);
    EXPECT_EQ(aerosol_level_bits(.0151f), 2 << 6);
    EXPECT_EQ(aerosol_level_bits(.03f), 2 << 6);  // .03f is a little below .03
    EXPECT_EQ(aerosol_level_bits(.031f), 3 << 6);
}

struct OneRow {
    explicit OneRow(std::size_t n)
        : cos_sun(n, .8f),
          aot(n, .2f),
          eps(n, 1.5f),
          fill(n, 0),
          dn(n, 10000),
          code(n, 9),
          change(n) {}
    void correct(const BandCorrection& band, const Quirks& quirks) {
        correct_row(band, {cos_sun, aot, eps, fill}, dn, quirks, code, change);
    }
    std::vector<float> cos_sun, aot, eps;
    std::vector<std::uint8_t> fill;
    std::vector<std::uint16_t> dn, code;
    std::vector<float> change;
};

BandCorrection plain_band(int number) {
    return {{2e-5f, -.1f}, plain_first_pass(number), plain_model(number)};
}

TEST(CorrectRow, InvertsTheForwardModel) {
    const BandCorrection band = plain_band(4);
    OneRow row(1000);  // more than one batch
    row.fill[700] = 1;
    const float surface = .123f;
    const float toa = plain_toa(band.model, surface, .2f, 1.5f);
    for (auto& dn : row.dn) dn = static_cast<std::uint16_t>((toa * .8f + .1f) / 2e-5f + .5f);
    row.correct(band, Quirks::keep());
    for (const std::size_t i : {0u, 511u, 512u, 999u})
        EXPECT_NEAR(row.code[i] * 2.75e-5 - .2, surface, 5e-5) << i;
    EXPECT_EQ(row.code[700], 0);
    const float first = band.first_pass.surface(toa);
    EXPECT_NEAR(row.change[0], std::fabs(first - surface), 5e-5);
}

TEST(CorrectRow, ClampedFirstPassLosesToaUnlessFixed) {
    // First pass far below -0.2: the rebuilt TOA is that of -0.2.
    BandCorrection band = plain_band(1);
    band.first_pass.path_reflectance = .5f;
    band.first_pass.transmittance = .5f;
    OneRow row(4);
    row.dn.assign(4, 9000);  // TOA .1
    row.correct(band, Quirks::keep());
    const float rebuilt = band.first_pass.toa(-.2f);
    const float expected = band.model.surface(rebuilt, .2f, band.model.scale.spectral(1.5f));
    EXPECT_NEAR(row.code[0] * 2.75e-5 - .2, expected, 3e-5);
    row.correct(band, Quirks::fix());
    const float direct = band.model.surface(.1f, .2f, band.model.scale.spectral(1.5f));
    EXPECT_NEAR(row.code[0] * 2.75e-5 - .2, direct, 3e-5);
}

}  // namespace
}  // namespace hls::lasrc
