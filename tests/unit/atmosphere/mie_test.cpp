// SPDX-License-Identifier: Apache-2.0
// Mie theory and the urban clean model against published and 6SV numbers (rt.md 1 and 2).
#include "atmosphere/mie.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numbers>
#include <utility>

#include "atmosphere/urban_clean.hpp"
#include "reference_csv.hpp"

namespace hls::atmosphere {
namespace {

TEST(Mie, SphereOfBohrenAndHuffman) {
    // Their appendix A: x = 3, m = 1.33 + 1e-8i (water); and Wiscombe's case x = 10, m = 1.5.
    const SphereScattering glass = mie_sphere(10, {1.5, 0});
    EXPECT_NEAR(glass.extinction, 2.881999, 1e-6);
    EXPECT_NEAR(glass.scattering, glass.extinction, 1e-12);
    EXPECT_NEAR(glass.asymmetry_sca / glass.scattering, .742913, 1e-6);
    const SphereScattering soot = mie_sphere(1, {1.5, 1});
    EXPECT_NEAR(soot.extinction, 2.336321, 1e-6);
    EXPECT_NEAR(soot.scattering, .663454, 1e-6);
}

TEST(Mie, SmallSpheresScatterAsRayleigh) {
    const double x = 1e-2, n2 = 1.4 * 1.4;
    const double expected = 8. / 3 * std::pow(x, 4) * std::pow((n2 - 1) / (n2 + 2), 2);
    EXPECT_NEAR(mie_sphere(x, {1.4, 0}).scattering / expected, 1, 1e-4);
}

TEST(Mie, PhaseMatrixAgreesWithTheSeriesSums) {
    const MixtureOptics optics =
        mie_mixture(urban_clean_mixture(.3), .443, gauss_legendre(256, -1, 1));
    double norm = 0;
    for (std::size_t i = 0; i < optics.phase.cosine.size(); ++i)
        norm += optics.phase.weight[i] * optics.phase.p11[i] / 2;
    EXPECT_NEAR(norm, 1, 1e-4);
    const PhaseMoments moments = project(optics.phase, 40);
    EXPECT_NEAR(moments.beta[1] / 3, optics.asymmetry, 1e-4);
    EXPECT_DOUBLE_EQ(moments.beta[0], 1);
}

TEST(UrbanClean, AbsoluteVolumesReturnTheNominalDepths) {
    const SphereMixture mixture = urban_clean_mixture(.3083);
    EXPECT_NEAR(mie_mixture(mixture, .44).optical_depth, .3080, 2e-4);
    EXPECT_NEAR(mie_mixture(mixture, .55).optical_depth, .1997, 2e-4);
}

TEST(UrbanClean, LoadRules) {
    EXPECT_NEAR(urban_clean_tau440(.2), .3083, 2e-4);
    EXPECT_EQ(urban_clean_tau440(1.5), 1);
    EXPECT_GT(urban_clean_tau440(1.5, Microphysics::extrapolate), 1.5);
    EXPECT_EQ(urban_clean_tau440(1.5, Microphysics::aot550), 1.5);
}

TEST(UrbanClean, MicrophysicsEqualTheReferenceRun) {
    const auto csv = ReferenceCsv::open("sixs_models.csv");
    if (!csv) GTEST_SKIP() << "reference/sixs_models.csv is not there";
    for (const CsvRow& row : csv->rows()) {
        const double t = urban_clean_tau440(row.number("aod550"));
        EXPECT_NEAR(t, row.number("tau440"), 3e-4 * t + 3e-5) << row.number("aod550");
        const SphereMixture mixture = urban_clean_mixture(t);
        EXPECT_NEAR(mixture.modes[0].radius_um, row.number("rv_fine_um"), 1e-4);
        EXPECT_NEAR(mixture.modes[1].volume_um, row.number("cv_coarse"), 1e-4);
        EXPECT_NEAR(mixture.index.real(), row.number("n_real"), 1e-5);
    }
}

TEST(UrbanClean, OpticsEqualTheReferenceRun) {
    const auto csv = ReferenceCsv::open("sixs_optics.csv");
    if (!csv) GTEST_SKIP() << "reference/sixs_optics.csv is not there";
    int rows = 0;
    for (const CsvRow& row : csv->rows()) {
        if (row.text("aerosol_model") != "urban_clean") continue;
        const double aot = row.number("aod550"), wavelength = row.number("wavelength_um");
        const AerosolOptics optics = urban_clean_optics(urban_clean_tau440(aot), wavelength);
        const double expected = row.number("ext_norm550");
        EXPECT_NEAR(optics.extinction, expected, 5e-4 * expected) << aot << " " << wavelength;
        EXPECT_NEAR(optics.single_scattering_albedo, row.number("ssa"), 2e-4)
            << aot << " " << wavelength;
        EXPECT_NEAR(optics.asymmetry, row.number("asym"), 1e-3) << aot << " " << wavelength;
        ++rows;
    }
    EXPECT_GT(rows, 100);
}

TEST(UrbanClean, MomentsEqualTheReferenceRun) {
    const auto csv = ReferenceCsv::open("sixs_moments.csv");
    if (!csv) GTEST_SKIP() << "reference/sixs_moments.csv is not there";
    std::map<std::pair<double, double>, AerosolOptics> optics;
    for (const CsvRow& row : csv->rows()) {
        if (row.text("aerosol_model") != "urban_clean") continue;
        const double aot = row.number("aod550"), wavelength = row.number("wavelength_um");
        const int l = static_cast<int>(row.number("l"));
        if (aot != .05 && aot != .4 && aot != 1.5) continue;
        if (wavelength != .443 && wavelength != .6546 && wavelength != 2.2007) continue;
        auto& model = optics[{aot, wavelength}];
        if (model.moments.beta.empty())
            model = urban_clean_optics(urban_clean_tau440(aot), wavelength);
        const auto close = [&](const std::vector<double>& series, const char* name) {
            const double expected = row.number(name);
            EXPECT_NEAR(series[static_cast<std::size_t>(l)], expected, 2e-3)
                << name << " " << l << " " << aot << " " << wavelength;
        };
        close(model.moments.alpha, "alpha");
        close(model.moments.beta, "beta");
        close(model.moments.gamma, "gamma");
        close(model.moments.zeta, "zeta");
    }
    EXPECT_EQ(optics.size(), 9U);
}

}  // namespace
}  // namespace hls::atmosphere
