// SPDX-License-Identifier: Apache-2.0
// The solver against published Rayleigh numbers, energy conservation and the 6SV reference runs
// (rt.md 4.6).
#include "atmosphere/successive_orders.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <numbers>
#include <string>
#include <tuple>
#include <vector>

#include "atmosphere/molecules.hpp"
#include "reference_csv.hpp"

namespace hls::atmosphere {
namespace {

double degrees(double cosine) {
    return std::acos(cosine) * 180 / std::numbers::pi;
}

SolverSettings accurate() {
    return solver_settings(Accuracy::accurate);
}

TEST(SuccessiveOrders, NatrajRayleighNumbers) {
    const SolverGeometry geometry{
        {degrees(.2)}, {degrees(.4), 0}, {}, {{0, 0, 180}, {0, 1, 180}, {0, 0, 120}, {0, 1, 120}}};
    SolverSettings settings = accurate();
    settings.gauss_nodes = 32;
    const SuccessiveOrders solver(settings, geometry, 0);
    const auto path = solver.solve(.5).path;
    // The published radiances are for F0 = pi: rho = L / mu0.
    const double expected[4][3] = {{.16889020, .01119511, 0},
                                   {.05300496, .03755859, 0},
                                   {.12752450, .06066038, .05293867},
                                   {.05300496, .01877930, .03252669}};
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_NEAR(path[i].i * .2, expected[i][0], 5e-5) << i;
        EXPECT_NEAR(std::abs(path[i].q) * .2, expected[i][1], 5e-5) << i;
        EXPECT_NEAR(std::abs(path[i].u) * .2, expected[i][2], 5e-5) << i;
    }
}

// A scatterer that neither polarises nor absorbs: path and fluxes describe the same light.
AerosolOptics unpolarised(std::vector<double> beta) {
    AerosolOptics optics;
    optics.single_scattering_albedo = 1;
    const std::vector<double> none(beta.size());
    optics.moments = {none, std::move(beta), none, none};
    optics.phase = PhaseFunction(optics.moments);
    return optics;
}

TEST(SuccessiveOrders, ConservesEnergy) {
    // Everything that enters a non-absorbing column leaves it: up-going flux by quadrature.
    SolverGeometry geometry{{0, 30, 60, 75}, {}, {}, {}};
    const GaussRule rule = gauss_legendre(24, 0, 1);
    constexpr int kAzimuths = 24;  // on [0, 180], by the trapezoidal rule
    for (int v = 0; v < 24; ++v) {
        geometry.view_zenith_deg.push_back(degrees(rule.node[static_cast<std::size_t>(v)]));
        for (int s = 0; s < 4; ++s)
            for (int a = 0; a <= kAzimuths; ++a)
                geometry.directions.push_back({s, v, a * 180. / kAzimuths});
    }
    const SuccessiveOrders solver(accurate(), geometry, kAirDepolarisation);
    std::vector<double> haze;  // Henyey and Greenstein, g = .6
    for (int l = 0; l <= 80; ++l) haze.push_back((2 * l + 1) * std::pow(.6, l));
    for (const auto& beta : {std::vector<double>{1, 0, .5}, haze}) {
        const ColumnSolution solution =
            solver.solve({0, .24}, solver.aerosol_kernels(unpolarised(beta)));
        for (int s = 0; s < 4; ++s) {
            double albedo = 0;
            for (std::size_t d = 0; d < geometry.directions.size(); ++d) {
                const Direction& direction = geometry.directions[d];
                if (direction.sun != s) continue;
                const auto v = static_cast<std::size_t>(direction.view);
                const bool end = direction.raa_deg == 0 || direction.raa_deg == 180;
                albedo += (end ? .5 : 1) / kAzimuths * 2 * rule.node[v] * rule.weight[v] *
                          solution.path[d].i;
            }
            const double sum = albedo + solution.sun_transmittance[static_cast<std::size_t>(s)];
            EXPECT_NEAR(sum, 1, 1e-4) << s << " of " << beta.size();
        }
    }
}

TEST(SuccessiveOrders, MoleculesConserveEnergyUpToPolarisation) {
    // The path reflectance is polarised, the transmittance is not: that is worth up to 5e-4.
    SolverGeometry geometry{{0, 30, 60, 75}, {}, {}, {}};
    const GaussRule rule = gauss_legendre(24, 0, 1);
    for (int v = 0; v < 24; ++v) {
        geometry.view_zenith_deg.push_back(degrees(rule.node[static_cast<std::size_t>(v)]));
        for (int s = 0; s < 4; ++s)
            for (const double raa : {0., 60., 120., 180.})
                geometry.directions.push_back({s, v, raa});
    }
    const SuccessiveOrders solver(accurate(), geometry, kAirDepolarisation);
    const ColumnSolution solution = solver.solve(.24);
    for (int s = 0; s < 4; ++s) {
        // Azimuths 0, 60, 120, 180 with weights 1, 2, 2, 1 are exact for three Fourier terms.
        double albedo = 0;
        for (std::size_t d = 0; d < geometry.directions.size(); ++d) {
            const Direction& direction = geometry.directions[d];
            if (direction.sun != s) continue;
            const auto v = static_cast<std::size_t>(direction.view);
            const double azimuths = direction.raa_deg == 0 || direction.raa_deg == 180 ? 1. : 2.;
            albedo += azimuths / 6 * 2 * rule.node[v] * rule.weight[v] * solution.path[d].i;
        }
        EXPECT_NEAR(albedo + solution.sun_transmittance[static_cast<std::size_t>(s)], 1, 5e-4) << s;
    }
}

using ModelKey = std::tuple<std::string, double, double>;  // model, AOT, wavelength

struct ReferenceCase {
    double sza, vza, raa, rho, t_down, t_up, albedo;
};
// Rows of one model by pressure, so that a solver is made once per group of geometries.
using ReferenceGroup = std::map<double, std::vector<ReferenceCase>>;

// The built-in models are the same for any load ("any"): key 0.
ModelKey optics_key(const CsvRow& row) {
    const bool any = row.text("aerosol_model") != "urban_clean";
    return {row.text("aerosol_model"), any ? 0 : row.number("aod550"), row.number("wavelength_um")};
}

std::map<ModelKey, ReferenceGroup> group_rows(const ReferenceCsv& csv, const char* rho) {
    std::map<ModelKey, ReferenceGroup> groups;
    for (const CsvRow& row : csv.rows()) {
        const bool fluxes = row.has("T_down_total");
        groups[{row.text("aerosol_model"), row.number("aod550"), row.number("wavelength_um")}]
              [row.number("pressure_hpa")]
                  .push_back({row.number("sza_deg"), row.number("vza_deg"), row.number("raa_deg"),
                              row.number(rho), fluxes ? row.number("T_down_total") : 0,
                              fluxes ? row.number("T_up_total") : 0,
                              fluxes ? row.number("spherical_albedo") : 0});
    }
    return groups;
}

// The optics 6SV used for its built-in models: its moments, albedo and extinction.
std::map<ModelKey, AerosolOptics> reference_optics() {
    std::map<ModelKey, AerosolOptics> optics;
    const auto moments = ReferenceCsv::open("sixs_moments.csv");
    for (const CsvRow& row : moments->rows()) {
        PhaseMoments& m = optics[optics_key(row)].moments;
        m.alpha.push_back(row.number("alpha"));
        m.beta.push_back(row.number("beta"));
        m.gamma.push_back(row.number("gamma"));
        m.zeta.push_back(row.number("zeta"));
    }
    const auto bulk = ReferenceCsv::open("sixs_optics.csv");
    for (const CsvRow& row : bulk->rows()) {
        AerosolOptics& o = optics[optics_key(row)];
        o.extinction = row.number("ext_norm550");
        o.single_scattering_albedo = row.number("ssa");
        if (!o.moments.beta.empty()) o.phase = PhaseFunction(o.moments);
    }
    return optics;
}

struct Worst {
    double path_low = 0, path_08 = 0, path_15 = 0;  // by AOT <= .4, .8, 1.5 (excess over .5 %)
    double transmittance = 0, albedo = 0;
    int rows = 0;
};

void compare(const ModelKey& key, const ReferenceGroup& group, const AerosolOptics& optics,
             Worst& worst) {
    const double aot = std::get<1>(key), wavelength = std::get<2>(key);
    SolverGeometry geometry;
    const auto index_of = [](std::vector<double>& angles, double angle) {
        const auto found = std::find(angles.begin(), angles.end(), angle);
        if (found != angles.end()) return static_cast<int>(found - angles.begin());
        angles.push_back(angle);
        return static_cast<int>(angles.size()) - 1;
    };
    for (const auto& [pressure, cases] : group)
        for (const ReferenceCase& c : cases) {
            index_of(geometry.flux_zenith_deg, c.vza);
            geometry.directions.push_back({index_of(geometry.sun_zenith_deg, c.sza),
                                           index_of(geometry.view_zenith_deg, c.vza), c.raa});
        }
    const SuccessiveOrders solver(accurate(), geometry, kAirDepolarisation);
    const AerosolKernels kernels = solver.aerosol_kernels(optics);
    std::size_t first = 0;
    for (const auto& [pressure, cases] : group) {
        const double tau = rayleigh_optical_depth(wavelength, pressure);
        const ColumnSolution solution = solver.solve({tau, aot * optics.extinction}, kernels);
        for (const ReferenceCase& c : cases) {
            const Direction& d = geometry.directions[first];
            const double path = std::abs(solution.path[first++].i - c.rho);
            ++worst.rows;
            if (aot <= .4) worst.path_low = std::max(worst.path_low, path);
            if (aot == .8) worst.path_08 = std::max(worst.path_08, path);
            if (aot > .8)
                worst.path_15 =
                    std::max(worst.path_15, std::min(path, 1e-3 * path / (.005 * c.rho)));
            if (aot > .4 || tau <= .001 || c.t_down == 0) continue;
            const double down = solution.sun_transmittance[static_cast<std::size_t>(d.sun)];
            const auto flux = index_of(geometry.flux_zenith_deg, c.vza);
            const double up = solution.flux_transmittance[static_cast<std::size_t>(flux)];
            worst.transmittance =
                std::max({worst.transmittance, std::abs(down - c.t_down), std::abs(up - c.t_up)});
            worst.albedo = std::max(worst.albedo, std::abs(solution.spherical_albedo - c.albedo));
        }
    }
}

void report(const char* what, const Worst& w) {
    std::printf("[ measured ] %s: %d rows, path %.1e (<=.4) %.1e (.8) %.1e (1.5), T %.1e, S %.1e\n",
                what, w.rows, w.path_low, w.path_08, w.path_15, w.transmittance, w.albedo);
}

TEST(SuccessiveOrders, ConvergedReferenceRunUrbanCleanByOwnMie) {
    const auto csv = ReferenceCsv::open("sixs_converged.csv");
    if (!csv) GTEST_SKIP() << "reference/sixs_converged.csv is not there";
    Worst worst;
    for (const auto& [key, group] : group_rows(*csv, "rho_path_6sv_igmax200_nt90")) {
        const auto& [model, aot, wavelength] = key;
        if (model == "urban_clean")
            compare(key, group, urban_clean_optics(urban_clean_tau440(aot), wavelength), worst);
    }
    report("urban clean, converged", worst);
    EXPECT_LE(worst.path_low, 3e-4);
    EXPECT_LE(worst.path_08, 6e-4);
    EXPECT_LE(worst.path_15, 1e-3);
    EXPECT_GT(worst.rows, 1000);
}

TEST(SuccessiveOrders, ConvergedReferenceRunBuiltInModelsByMoments) {
    const auto csv = ReferenceCsv::open("sixs_converged.csv");
    if (!csv) GTEST_SKIP() << "reference/sixs_converged.csv is not there";
    const auto optics = reference_optics();
    std::map<std::string, Worst> worst;
    for (const auto& [key, group] : group_rows(*csv, "rho_path_6sv_igmax200_nt90"))
        if (const auto found = optics.find({std::get<0>(key), 0, std::get<2>(key)});
            found != optics.end())
            compare(key, group, found->second, worst[std::get<0>(key)]);
    for (const auto& [model, w] : worst) {
        report((model + " by moments, converged").c_str(), w);
        EXPECT_LE(w.path_low, 3e-4) << model;
        EXPECT_LE(w.path_08, 6e-4) << model;
        EXPECT_LE(w.path_15, 1e-3) << model;
    }
    EXPECT_EQ(worst.count("continental") + worst.count("maritime"), 2U);
}

TEST(SuccessiveOrders, DefaultReferenceRun) {
    const auto csv = ReferenceCsv::open("sixs_reference.csv");
    if (!csv) GTEST_SKIP() << "reference/sixs_reference.csv is not there";
    const auto optics = reference_optics();
    std::map<std::string, Worst> worst;
    for (const auto& [key, group] : group_rows(*csv, "rho_path")) {
        const auto& [model, aot, wavelength] = key;
        if (aot > .4) continue;
        compare(key, group,
                model == "urban_clean" ? urban_clean_optics(urban_clean_tau440(aot), wavelength)
                                       : optics.at({model, 0, wavelength}),
                worst[model]);
    }
    for (const auto& [name, w] : worst) {
        report((name + ", default run").c_str(), w);
        EXPECT_LE(w.path_low, 4e-4) << name;
        EXPECT_LE(w.transmittance, 2e-4) << name;
        EXPECT_LE(w.albedo, 4e-4) << name;
    }
    EXPECT_GT(worst["urban_clean"].rows, 1000);
}

}  // namespace
}  // namespace hls::atmosphere
