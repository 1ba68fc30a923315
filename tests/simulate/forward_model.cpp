// SPDX-License-Identifier: Apache-2.0
#include "simulate/forward_model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "atmosphere/bands.hpp"
#include "atmosphere/molecules.hpp"
#include "simulate/landscape.hpp"

namespace hls::simulate {
namespace {

double cosine(double degrees) noexcept {
    return std::cos(degrees * std::numbers::pi / 180);
}

// Weights of the parabola through three nodes.
std::array<double, 3> quadratic_weights(const double (&x)[3], double at) noexcept {
    return {(at - x[1]) * (at - x[2]) / ((x[0] - x[1]) * (x[0] - x[2])),
            (at - x[0]) * (at - x[2]) / ((x[1] - x[0]) * (x[1] - x[2])),
            (at - x[0]) * (at - x[1]) / ((x[2] - x[0]) * (x[2] - x[1]))};
}

// Weights of the cubic through four nodes.
std::array<double, 4> cubic_weights(const double* x, double at) noexcept {
    std::array<double, 4> weights{1, 1, 1, 1};
    for (int i = 0; i < 4; ++i)
        for (int j = 0; j < 4; ++j)
            if (i != j) weights[static_cast<std::size_t>(i)] *= (at - x[j]) / (x[i] - x[j]);
    return weights;
}

// Three nodes from low to high, at least half a degree wide so that they stay distinct, none below
// `least`.
void spread(double low, double high, double least, double (&nodes)[3]) noexcept {
    const double half = std::max(0.25, (high - low) / 2);
    const double middle = std::max(least + half, (low + high) / 2);
    nodes[0] = middle - half;
    nodes[1] = middle;
    nodes[2] = middle + half;
}

struct GasTransmission {
    double other;        // ozone and the mixed gases
    double water;        // whole column
    double water_above;  // half of it: what lies above the aerosol that reflects
};

GasTransmission gases(const atmosphere::BandConstants& band, const AirColumn& air, double mu_sun,
                      double mu_view) noexcept {
    const double mass = 1 / mu_sun + 1 / mu_view;
    const double p = air.pressure_hpa() / atmosphere::kStandardPressureHpa;
    const double ozone = std::exp(band.oz * mass * air.ozone_cm_atm);
    const double mixed =
        std::exp(-band.og_a1 * p * std::pow(mass, std::exp(-(band.og_b0 + band.og_b1 * p))));
    const double water = mass * air.water_vapour_g_cm2;
    return {ozone * mixed, std::exp(-band.wv_a * std::pow(water, band.wv_b)),
            std::exp(-band.wv_a * std::pow(water / 2, band.wv_b))};
}

}  // namespace

double rayleigh_wavelength_um(double tau) {
    double low = 0.35;  // thick
    double high = 3;    // thin
    while (high - low > 1e-9) {
        const double middle = (low + high) / 2;
        const bool thick =
            atmosphere::rayleigh_optical_depth(middle, atmosphere::kStandardPressureHpa) > tau;
        (thick ? low : high) = middle;
    }
    return (low + high) / 2;
}

ForwardModel::ForwardModel(const AirColumn& air, const SceneSpan& span,
                           const TransferSolver& solver) {
    spread(span.sun_low_deg, span.sun_high_deg, 0, suns_);
    spread(span.view_low_deg, span.view_high_deg, -90, views_);
    // Closer nodes where the load is small, for there the aerosol's microphysics changes most.
    const double low = std::sqrt(span.aot_low);
    const double high = std::max(std::sqrt(span.aot_high), low + 0.02);
    for (int i = 0; i < kAots; ++i) aots_[i] = std::pow(low + (high - low) * i / (kAots - 1), 2);

    // Load 0 comes first, then the nodes: the water vapour above the aerosol acts on the light
    // that aerosol sends up, so the molecules' own share has to be known.
    const auto bands = atmosphere::band_constants(atmosphere::Sensor::oli);
    std::vector<TransferQuery> queries;
    for (int band = 0; band < kReflectiveBands; ++band) {
        const double wavelength = rayleigh_wavelength_um(
            static_cast<double>(bands[static_cast<std::size_t>(band)].tau_rayleigh));
        for (int aot = -1; aot < kAots; ++aot)
            for (double sun : suns_)
                for (double view : views_)
                    queries.push_back(
                        {wavelength, aot < 0 ? 0 : aots_[aot], air.pressure_hpa(), sun,
                         std::fabs(view),
                         view >= 0 ? span.azimuth_east_deg : 180 - span.azimuth_east_deg});
    }
    fold_gases(air, queries, solver(queries));
}

std::size_t ForwardModel::index(int band, int aot, int sun, int view) const noexcept {
    return static_cast<std::size_t>((((band - 1) * kAots + aot) * kSuns + sun) * kViews + view);
}

void ForwardModel::fold_gases(const AirColumn& air, std::span<const TransferQuery> queries,
                              std::span<const Transfer> solved) {
    const auto bands = atmosphere::band_constants(atmosphere::Sensor::oli);
    constexpr std::size_t kDirections = kSuns * kViews;
    nodes_.reserve(kReflectiveBands * kAots * kDirections);
    for (std::size_t band = 0; band < kReflectiveBands; ++band) {
        const std::size_t clear = band * (kAots + 1) * kDirections;
        for (std::size_t i = kDirections; i < (kAots + 1) * kDirections; ++i) {
            const TransferQuery& query = queries[clear + i];
            const Transfer& hazy = solved[clear + i];
            const double molecules = solved[clear + i % kDirections].path_reflectance;
            const GasTransmission gas = gases(bands[band], air, cosine(query.sun_zenith_deg),
                                              cosine(query.view_zenith_deg));
            nodes_.push_back({static_cast<float>(gas.other * ((hazy.path_reflectance - molecules) *
                                                                  gas.water_above +
                                                              molecules)),
                              static_cast<float>(gas.other * gas.water * hazy.down_transmittance *
                                                 hazy.up_transmittance),
                              static_cast<float>(hazy.spherical_albedo)});
        }
    }
}

Optics ForwardModel::at(int band, double sun_deg, double view_deg, double aot550) const noexcept {
    const auto sun_weight = quadratic_weights(suns_, std::clamp(sun_deg, suns_[0], suns_[2]));
    const auto view_weight = quadratic_weights(views_, std::clamp(view_deg, views_[0], views_[2]));
    const double aot = std::clamp(aot550, aots_[0], aots_[kAots - 1]);
    int first = 0;
    while (first < kAots - 4 && aot > aots_[first + 2]) ++first;
    const auto aot_weight = cubic_weights(aots_ + first, aot);
    double path = 0, transmission = 0, albedo = 0;
    for (int a = 0; a < 4; ++a)
        for (int s = 0; s < kSuns; ++s)
            for (int v = 0; v < kViews; ++v) {
                const double weight = aot_weight[static_cast<std::size_t>(a)] *
                                      sun_weight[static_cast<std::size_t>(s)] *
                                      view_weight[static_cast<std::size_t>(v)];
                const Optics& node = nodes_[index(band, first + a, s, v)];
                path += weight * static_cast<double>(node.path);
                transmission += weight * static_cast<double>(node.transmission);
                albedo += weight * static_cast<double>(node.albedo);
            }
    return {static_cast<float>(path), static_cast<float>(transmission), static_cast<float>(albedo)};
}

}  // namespace hls::simulate
