// SPDX-License-Identifier: Apache-2.0
// The AOT search against a literal transcription of lasrc.md 6, and what one window yields.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "lasrc/aerosol_field.hpp"
#include "lasrc/aot_search.hpp"
#include "lasrc/landsat_retrieval.hpp"
#include "plain_model.hpp"

namespace hls::lasrc {
namespace {

// Section 6 as it is written, every node by the polynomial model, every misfit by its root.
AotEstimate plain_search(const std::array<PolynomialModel, 4>& models, float eps,
                         const FourBands& toa, const LandTarget& target, int& start) {
    const auto eval = [&](float aot, bool& dark, bool in_double) {
        const auto surface = [&](std::size_t b) {
            return models[b].surface(toa[b], aot, models[b].scale.spectral(eps));
        };
        const float red = surface(2);
        dark = red < 1e-3f;
        double sum = 0;
        float sum_float = 0.f;
        int count = 0;
        const auto add = [&](std::size_t b, float ratio, float darkest) {
            if (!(ratio > 0)) return;
            const float value = surface(b);
            dark = dark || value < darkest;
            const double error =
                static_cast<double>(value) - static_cast<double>(ratio) * static_cast<double>(red);
            sum += error * error;
            sum_float = static_cast<float>(static_cast<double>(sum_float) + error * error);
            ++count;
        };
        add(0, target.coastal, 1e-3f);
        add(1, target.blue, 1e-3f);
        add(3, target.swir2, 1e-4f);
        return std::sqrt(in_double ? sum : static_cast<double>(sum_float)) / count;
    };

    const auto& aots = atmosphere::kAot550;
    auto i = static_cast<std::size_t>(start);
    double res1 = 2000, res2 = 1000, a1 = 1e-4, a2 = 1e-6;
    int i1 = 0, i2 = 0;
    bool dark = false, unused = false;
    float a = aots[i];
    auto res = static_cast<float>(eval(a, dark, false));
    ++i;
    while (i < aots.size() && static_cast<double>(res) < res1 && !dark) {
        res2 = res1, i2 = i1, a2 = a1;
        res1 = static_cast<double>(res), a1 = static_cast<double>(a), i1 = static_cast<int>(i);
        a = aots[i];
        res = static_cast<float>(eval(a, dark, false));
        ++i;
    }
    if (i == 1) return {a, res};
    const double ad = static_cast<double>(a), r = static_cast<double>(res);
    const double xa = (res1 - r) * (a2 - ad), xb = (res2 - r) * (a1 - ad);
    double am = .5 * (xa * (a2 + ad) - xb * (a1 + ad)) / (xa - xb);
    if (am < .01 || am > 4) am = ad;
    double lowest = eval(static_cast<float>(am), unused, true);
    auto best = static_cast<float>(am);
    if (lowest > r) lowest = r, best = a;
    if (lowest > res1) lowest = res1, best = static_cast<float>(a1);
    if (lowest > res2) lowest = res2, best = static_cast<float>(a2);
    start = std::max(i2 - 3, 0);
    return {best, static_cast<float>(lowest)};
}

TEST(SearchAot, EqualsThePlainForm) {
    const std::array<PolynomialModel, 4> models{plain_model(1), plain_model(2), plain_model(4),
                                                plain_model(7)};
    const FourBandModel four({&models[0], &models[1], &models[2], &models[3]});
    std::mt19937 random(7);
    std::uniform_real_distribution<float> reflectance(.01f, .4f), ratio(-.1f, 2.f),
        eps_of(1.f, 2.5f);
    int moved = 0;
    for (int n = 0; n < 3000; ++n) {
        const float eps = n % 2 ? 1.75f : eps_of(random);
        const NodeTable table(four, eps);
        const FourBands toa{reflectance(random), reflectance(random), reflectance(random),
                            reflectance(random)};
        const LandTarget target{ratio(random), ratio(random), ratio(random)};
        const int start = n % 5;
        int by_table = start, by_model = start, plainly = start;
        const AotEstimate a = search_aot(four, table, toa, target, by_table);
        const AotEstimate b = search_aot(four, four.spectral(eps), toa, target, by_model);
        const AotEstimate c = plain_search(models, eps, toa, target, plainly);
        if (std::isnan(c.residual)) continue;  // no positive ratio at all
        ASSERT_EQ(a.aot550, c.aot550) << n;
        ASSERT_EQ(a.residual, c.residual) << n;
        ASSERT_EQ(b.aot550, c.aot550) << n;
        ASSERT_EQ(by_table, plainly) << n;
        ASSERT_EQ(by_model, plainly) << n;
        moved += plainly > 0 ? 1 : 0;
    }
    EXPECT_GT(moved, 50);  // the cases reach beyond the first nodes
}

TEST(SearchAot, FindsTheLoadOfASimulatedSurface) {
    const std::array<PolynomialModel, 4> models{plain_model(1), plain_model(2), plain_model(4),
                                                plain_model(7)};
    const FourBandModel four({&models[0], &models[1], &models[2], &models[3]});
    const NodeTable table(four, 1.75f);
    const float red = .08f;
    const LandTarget target{.5f, .6f, 1.6f};
    for (const float truth : {.03f, .12f, .25f, .5f}) {
        const auto toa = [&](std::size_t b, float surface) {
            return plain_toa(models[b], surface, truth, 1.75f);
        };
        int start = 0;
        const AotEstimate got = search_aot(
            four, table, {toa(0, .5f * red), toa(1, .6f * red), toa(2, red), toa(3, 1.6f * red)},
            target, start);
        EXPECT_NEAR(got.aot550, truth, .02f + .1f * truth);
        EXPECT_LT(got.residual, .002f);
    }
}

class LandsatRetrievalTest : public testing::Test {
 protected:
    LandsatRetrievalTest() {
        for (std::size_t i = 0; i < kRetrievalBands.size(); ++i) {
            models[i] = plain_model(kRetrievalBands[i]);
            first_pass[i] = plain_first_pass(kRetrievalBands[i]);
        }
    }
    RetrievalPixel seen(const std::array<float, 5>& surface, float aot, float eps) const {
        const auto toa = [&](std::size_t i) { return plain_toa(models[i], surface[i], aot, eps); };
        return {toa(0), toa(1), toa(2), toa(3), toa(4)};
    }
    std::array<PolynomialModel, 5> models;
    std::array<BandAtmosphere, 5> first_pass;
};

TEST_F(LandsatRetrievalTest, VegetationIsLand) {
    const LandsatRetrieval retrieval(first_pass, models, .84f, Quirks::keep());
    const WindowAerosol got =
        retrieval.retrieve(seen({.02f, .024f, .04f, .3f, .064f}, .2f, 1.75f), {.5f, .6f, 1.6f});
    EXPECT_EQ(got.flags, kFlagValid);
    EXPECT_NEAR(got.aot550, .2f, .05f);
    EXPECT_GE(got.eps, 1.f);
    EXPECT_LE(got.eps, 2.5f);
}

TEST_F(LandsatRetrievalTest, DarkIsWaterAtItsOwnEps) {
    const LandsatRetrieval retrieval(first_pass, models, .84f, Quirks::keep());
    const WindowAerosol got =
        retrieval.retrieve(seen({.03f, .02f, .012f, .006f, .003f}, .1f, 1.5f), {.5f, .6f, 1.6f});
    EXPECT_EQ(got.flags, kFlagValid | kFlagWater);
    EXPECT_EQ(got.eps, 1.5f);
}

TEST_F(LandsatRetrievalTest, BrightAndGreyFails) {
    const LandsatRetrieval retrieval(first_pass, models, .84f, Quirks::keep());
    const WindowAerosol got =
        retrieval.retrieve(seen({.6f, .6f, .6f, .5f, .3f}, .1f, 1.5f), {.5f, .6f, 1.6f});
    EXPECT_EQ(got.flags, 0);
    EXPECT_EQ(got.eps, 1.5f);
}

TEST_F(LandsatRetrievalTest, ZeroToaGivesFiniteNumbers) {
    const LandsatRetrieval retrieval(first_pass, models, .84f, Quirks::keep());
    for (const float toa : {-.2f, 0.f, 1.6f}) {
        const WindowAerosol got = retrieval.retrieve({toa, toa, toa, toa, toa}, {.5f, .6f, 1.6f});
        EXPECT_TRUE(std::isfinite(got.aot550)) << toa;
        EXPECT_TRUE(got.eps >= 1.f && got.eps <= 2.5f) << toa;
    }
}

}  // namespace
}  // namespace hls::lasrc
