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

struct View {
    double zenith_deg, relative_azimuth_deg;
};

// Across and along the track to zenith and azimuth; straight across, the other side is exactly
// opposite.
View view_of(double across_deg, double along_deg, double azimuth_east_deg) noexcept {
    const double east = std::fabs(azimuth_east_deg);
    if (along_deg == 0) return {std::fabs(across_deg), across_deg >= 0 ? east : 180 - east};
    constexpr double kDegree = std::numbers::pi / 180;
    const double across = std::tan(across_deg * kDegree);
    const double along = std::tan(along_deg * kDegree);
    const double turned = azimuth_east_deg - std::atan2(along, across) / kDegree;
    return {std::atan(std::hypot(across, along)) / kDegree, std::fabs(std::remainder(turned, 360))};
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
                           const TransferSolver& solver)
    : ForwardModel(atmosphere::Sensor::oli, std::array{0, 1, 2, 3, 4, 5, 6}, air, span, solver) {}

ForwardModel::ForwardModel(atmosphere::Sensor sensor, std::span<const int> band_indices,
                           const AirColumn& air, const SceneSpan& span,
                           const TransferSolver& solver) {
    spread(span.sun_low_deg, span.sun_high_deg, 0, suns_);
    spread(span.view_low_deg, span.view_high_deg, -90, views_);
    if (span.along_high_deg > span.along_low_deg) {
        spread(span.along_low_deg, span.along_high_deg, -90, alongs_);
        along_count_ = kAlongs;
    }
    // Closer nodes where the load is small, for there the aerosol's microphysics changes most.
    const double low = std::sqrt(span.aot_low);
    const double high = std::max(std::sqrt(span.aot_high), low + 0.02);
    for (int i = 0; i < kAots; ++i) aots_[i] = std::pow(low + (high - low) * i / (kAots - 1), 2);

    // Load 0 comes first, then the nodes: the water vapour above the aerosol acts on the light
    // that aerosol sends up, so the molecules' own share has to be known.
    std::vector<atmosphere::BandConstants> bands;
    for (int i : band_indices)
        bands.push_back(atmosphere::band_constants(sensor)[static_cast<std::size_t>(i)]);
    std::vector<TransferQuery> queries;
    for (const atmosphere::BandConstants& band : bands) {
        const double wavelength = rayleigh_wavelength_um(static_cast<double>(band.tau_rayleigh));
        for (int aot = -1; aot < kAots; ++aot)
            for (double sun : suns_)
                for (double view : views_)
                    for (int i = 0; i < along_count_; ++i) {
                        const View seen = view_of(view, alongs_[i], span.azimuth_east_deg);
                        queries.push_back({wavelength, aot < 0 ? 0 : aots_[aot], air.pressure_hpa(),
                                           sun, seen.zenith_deg, seen.relative_azimuth_deg});
                    }
    }
    fold_gases(bands, air, queries, solver(queries));
}

std::size_t ForwardModel::index(int band, int aot, int sun, int view, int along) const noexcept {
    return static_cast<std::size_t>(
        ((((band - 1) * kAots + aot) * kSuns + sun) * kViews + view) * along_count_ + along);
}

void ForwardModel::fold_gases(std::span<const atmosphere::BandConstants> bands,
                              const AirColumn& air, std::span<const TransferQuery> queries,
                              std::span<const Transfer> solved) {
    const auto directions = static_cast<std::size_t>(kSuns * kViews * along_count_);
    nodes_.reserve(bands.size() * kAots * directions);
    for (std::size_t band = 0; band < bands.size(); ++band) {
        const std::size_t clear = band * (kAots + 1) * directions;
        for (std::size_t i = directions; i < (kAots + 1) * directions; ++i) {
            const TransferQuery& query = queries[clear + i];
            const Transfer& hazy = solved[clear + i];
            const double molecules = solved[clear + i % directions].path_reflectance;
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

Optics ForwardModel::at(int band, double sun_deg, double view_deg, double aot550,
                        double along_deg) const noexcept {
    const auto sun_weight = quadratic_weights(suns_, std::clamp(sun_deg, suns_[0], suns_[2]));
    const auto view_weight = quadratic_weights(views_, std::clamp(view_deg, views_[0], views_[2]));
    std::array<double, kAlongs> along_weight{1, 0, 0};
    if (along_count_ > 1)
        along_weight =
            quadratic_weights(alongs_, std::clamp(along_deg, alongs_[0], alongs_[kAlongs - 1]));
    const double aot = std::clamp(aot550, aots_[0], aots_[kAots - 1]);
    int first = 0;
    while (first < kAots - 4 && aot > aots_[first + 2]) ++first;
    const auto aot_weight = cubic_weights(aots_ + first, aot);
    double path = 0, transmission = 0, albedo = 0;
    const auto add = [&](const Optics& node, double weight) {
        path += weight * static_cast<double>(node.path);
        transmission += weight * static_cast<double>(node.transmission);
        albedo += weight * static_cast<double>(node.albedo);
    };
    for (std::size_t a = 0; a < 4; ++a)
        for (std::size_t s = 0; s < kSuns; ++s)
            for (std::size_t v = 0; v < kViews; ++v) {
                const double weight = aot_weight[a] * sun_weight[s] * view_weight[v];
                const std::size_t node = index(band, first + static_cast<int>(a),
                                               static_cast<int>(s), static_cast<int>(v), 0);
                for (int l = 0; l < along_count_; ++l)
                    add(nodes_[node + static_cast<std::size_t>(l)],
                        weight * along_weight[static_cast<std::size_t>(l)]);
            }
    return {static_cast<float>(path), static_cast<float>(transmission), static_cast<float>(albedo)};
}

}  // namespace hls::simulate
