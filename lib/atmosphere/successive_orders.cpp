// SPDX-License-Identifier: Apache-2.0
// Sums the Fourier terms of a column and corrects the truncated phase function.
#include "atmosphere/successive_orders.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>

#include "atmosphere/column_layers.hpp"
#include "atmosphere/fourier_order.hpp"
#include "atmosphere/molecules.hpp"

namespace hls::atmosphere {
namespace {

constexpr double kRadPerDeg = std::numbers::pi / 180;

std::vector<double> cosines(const std::vector<double>& degrees) {
    std::vector<double> mu;
    for (const double angle : degrees) mu.push_back(std::cos(angle * kRadPerDeg));
    return mu;
}

std::vector<double> flux_cosines(const SolverGeometry& geometry) {
    std::vector<double> mu = cosines(geometry.sun_zenith_deg);
    const std::vector<double> flux = cosines(geometry.flux_zenith_deg);
    mu.insert(mu.end(), flux.begin(), flux.end());
    return mu;
}

// Moments without the part of the forward peak beyond `degree` (delta-M); returns that part.
double truncate(PhaseMoments& moments, int degree) {
    if (moments.max_degree() <= degree) return 0;
    const auto keep = static_cast<std::size_t>(degree) + 1;
    const double f = moments.beta[keep] / (2 * degree + 3);
    for (auto* series : {&moments.alpha, &moments.beta, &moments.gamma, &moments.zeta})
        series->resize(keep);
    for (std::size_t l = 0; l < keep; ++l) {
        const double peak = static_cast<double>(2 * l + 1) * f;
        moments.beta[l] = (moments.beta[l] - peak) / (1 - f);
        moments.gamma[l] /= 1 - f;
        if (l < 2) continue;  // alpha and zeta start at degree 2
        moments.alpha[l] = (moments.alpha[l] - peak) / (1 - f);
        moments.zeta[l] = (moments.zeta[l] - peak) / (1 - f);
    }
    return f;
}

// Adds Fourier term m to every direction; returns the largest change of I.
double add_term(const OrderSolution& term, int m, const SolverGeometry& geometry,
                const std::vector<double>& sun_mu, std::vector<Reflection>& path) {
    const std::size_t suns = geometry.sun_zenith_deg.size();
    const double factor = m == 0 ? 1 : 2;
    double largest = 0;
    for (std::size_t d = 0; d < path.size(); ++d) {
        const Direction& direction = geometry.directions[d];
        const auto sun = static_cast<std::size_t>(direction.sun);
        const double* const radiance =
            &term.view[static_cast<std::size_t>(direction.view) * 3 * suns + sun];
        const double azimuth = m * (direction.raa_deg + 180) * kRadPerDeg;
        const double scale = factor / sun_mu[sun];
        const double change = scale * radiance[0] * std::cos(azimuth);
        path[d].i += change;
        path[d].q += scale * radiance[suns] * std::cos(azimuth);
        path[d].u += scale * radiance[2 * suns] * std::sin(azimuth);
        largest = std::max(largest, std::abs(scale * radiance[0]));
    }
    return largest;
}

int layer_count(double tau, double thickness, int least) noexcept {
    return std::max(least, static_cast<int>(std::ceil(tau / thickness)));
}

// To layers of no thickness, from a solution with layers half as thick as the other's.
void extrapolate(Reflection& fine, const Reflection& coarse) noexcept {
    fine.i += (fine.i - coarse.i) / 3;
    fine.q += (fine.q - coarse.q) / 3;
    fine.u += (fine.u - coarse.u) / 3;
}

}  // namespace

std::string_view accuracy_name(Accuracy accuracy) {
    return accuracy == Accuracy::fast ? "fast" : "accurate";
}

SolverSettings solver_settings(Accuracy accuracy) {
    SolverSettings settings;
    if (accuracy == Accuracy::fast) return settings;
    settings.gauss_nodes = 16;
    settings.layer_thickness = 0.02;
    settings.min_layers = 16;
    settings.order_tolerance = 5e-7F;
    settings.fourier_tolerance = 1e-6;
    return settings;
}

double cos_scattering(double sun_zenith_deg, double view_zenith_deg, double raa_deg) noexcept {
    const double sun = sun_zenith_deg * kRadPerDeg, view = view_zenith_deg * kRadPerDeg;
    const double cosine = -std::cos(sun) * std::cos(view) -
                          std::cos(raa_deg * kRadPerDeg) * std::sin(sun) * std::sin(view);
    return std::clamp(cosine, -1.0, 1.0);
}

SuccessiveOrders::SuccessiveOrders(const SolverSettings& settings, SolverGeometry geometry,
                                   double depolarisation)
    : settings_(settings),
      geometry_(std::move(geometry)),
      basis_(make_basis(settings.gauss_nodes, cosines(geometry_.sun_zenith_deg),
                        cosines(geometry_.view_zenith_deg))),
      fluxes_(settings.gauss_nodes, flux_cosines(geometry_), depolarisation) {
    const double anisotropy = rayleigh_anisotropy(depolarisation);
    for (int m = 0; m < basis_.orders(); ++m)
        molecules_.push_back(molecular_terms(basis_, anisotropy, m, stokes_components(m)));
}

AerosolKernels SuccessiveOrders::aerosol_kernels(const AerosolOptics& optics) const {
    PhaseMoments moments = optics.moments;
    const double f = truncate(moments, 2 * settings_.gauss_nodes - 1);
    AerosolKernels kernels;
    const double albedo = optics.single_scattering_albedo;
    kernels.depth_scale = 1 - albedo * f;
    kernels.albedo = albedo * (1 - f) / kernels.depth_scale;
    for (int m = 0; m < basis_.orders(); ++m)
        kernels.orders.push_back(dense_kernels(basis_, moments, m, stokes_components(m)));
    kernels.flux = fluxes_.kernel(moments.beta);
    for (const Direction& d : geometry_.directions) {
        const double cosine =
            cos_scattering(geometry_.sun_zenith_deg[static_cast<std::size_t>(d.sun)],
                           geometry_.view_zenith_deg[static_cast<std::size_t>(d.view)], d.raa_deg);
        kernels.phase_correction.push_back(optics.phase(std::acos(cosine)) / (1 - f) -
                                           legendre_series(moments.beta, cosine));
    }
    return kernels;
}

ColumnSolution SuccessiveOrders::solve(const ColumnDepths& depths,
                                       const AerosolKernels& aerosol) const {
    const double tau = depths.rayleigh + depths.aerosol * aerosol.depth_scale;
    ColumnSolution solution;
    if (!geometry_.directions.empty()) {
        const int count = layer_count(tau, settings_.layer_thickness, settings_.min_layers);
        const std::vector<Reflection> coarse = path(depths, aerosol, count);
        solution.path = path(depths, aerosol, 2 * count);
        for (std::size_t d = 0; d < coarse.size(); ++d) extrapolate(solution.path[d], coarse[d]);
    }
    add_fluxes(depths, aerosol, solution);
    return solution;
}

std::vector<Reflection> SuccessiveOrders::path(const ColumnDepths& depths,
                                               const AerosolKernels& aerosol, int count) const {
    const ColumnLayers layers =
        make_layers(depths.rayleigh, depths.aerosol * aerosol.depth_scale, aerosol.albedo, count);
    const BeamTable beams(basis_, layers);
    std::vector<Reflection> reflection(geometry_.directions.size());
    for (int m = 0; m < basis_.orders(); ++m) {
        const auto i = static_cast<std::size_t>(m);
        const OrderKernels* const kernels = aerosol.orders.empty() ? nullptr : &aerosol.orders[i];
        if (kernels == nullptr && molecules_[i].empty()) break;
        const OrderSolution term = solve_order({&basis_, &layers, &beams, kernels, molecules_[i],
                                                stokes_components(m), settings_.order_tolerance});
        const double largest = add_term(term, m, geometry_, basis_.sun_mu, reflection);
        if (m > 2 && largest < settings_.fourier_tolerance) break;
    }
    add_phase_correction(aerosol, beams, reflection);
    return reflection;
}

void SuccessiveOrders::add_fluxes(const ColumnDepths& depths, const AerosolKernels& aerosol,
                                  ColumnSolution& solution) const {
    FluxSolver::Column column{depths.rayleigh, 0, 0, nullptr};
    if (!aerosol.flux.same.empty())
        column = {depths.rayleigh, depths.aerosol * aerosol.depth_scale, aerosol.albedo,
                  &aerosol.flux};
    const ColumnFluxes fluxes = fluxes_.solve(column);
    const auto suns = static_cast<std::ptrdiff_t>(geometry_.sun_zenith_deg.size());
    const auto& transmittance = fluxes.transmittance;
    solution.sun_transmittance.assign(transmittance.begin(), transmittance.begin() + suns);
    solution.flux_transmittance.assign(transmittance.begin() + suns, transmittance.end());
    solution.spherical_albedo = fluxes.spherical_albedo;
}

ColumnSolution SuccessiveOrders::solve(double tau_rayleigh) const {
    return solve({tau_rayleigh, 0}, AerosolKernels{});
}

// TMS: single scattering with the true phase function in place of the truncated one (rt.md 4.4).
void SuccessiveOrders::add_phase_correction(const AerosolKernels& aerosol, const BeamTable& beams,
                                            std::vector<Reflection>& path) const {
    for (std::size_t d = 0; d < aerosol.phase_correction.size(); ++d) {
        const auto sun = static_cast<std::size_t>(geometry_.directions[d].sun);
        const auto view = static_cast<std::size_t>(geometry_.directions[d].view);
        path[d].i +=
            aerosol.phase_correction[d] * beams.view_aerosol(view, sun) / (4 * basis_.sun_mu[sun]);
    }
}

}  // namespace hls::atmosphere
