// SPDX-License-Identifier: Apache-2.0
#include "lasrc/aot_search.hpp"

#include <algorithm>
#include <cmath>

namespace hls::lasrc {
namespace {

constexpr FourBands kDarkest{1e-3f, 1e-3f, 1e-3f, 1e-4f};
constexpr std::size_t kLanes = 4;

bool too_dark(const FourBands& s, const LandTarget& target) noexcept {
    return s[2] < kDarkest[2] || (target.coastal > 0.f && s[0] < kDarkest[0]) ||
           (target.blue > 0.f && s[1] < kDarkest[1]) || (target.swir2 > 0.f && s[3] < kDarkest[3]);
}

bool too_dark(const FourBands& s, WaterTarget) noexcept {
    return s[0] < kDarkest[0] || s[1] < kDarkest[1] || s[2] < kDarkest[2] || s[3] < kDarkest[3];
}

// Errors in double, summed in float during the scan and in double during the refinement, as the
// reference does.
template <typename Sum>
double misfit(const FourBands& surface, const LandTarget& target) noexcept {
    Sum sum = 0;
    int count = 0;
    const auto add = [&](float value, float ratio) {
        if (!(ratio > 0.f)) return;
        const double error = static_cast<double>(value) -
                             static_cast<double>(ratio) * static_cast<double>(surface[2]);
        sum = static_cast<Sum>(sum + error * error);
        ++count;
    };
    add(surface[0], target.coastal);
    add(surface[1], target.blue);
    add(surface[3], target.swir2);
    return std::sqrt(static_cast<double>(sum)) / count;
}

template <typename Sum>
double misfit(const FourBands& surface, WaterTarget) noexcept {
    Sum sum = 0;
    for (const float value : surface)
        sum = static_cast<Sum>(sum + static_cast<double>(value) * static_cast<double>(value));
    return std::sqrt(static_cast<double>(sum)) / 4;
}

// at_node(i) and at_aot(aot) give surface reflectance of the four bands.
template <typename Target, typename AtNode, typename AtAot>
AotEstimate search(const Target& target, int& first_node, AtNode at_node, AtAot at_aot) noexcept {
    const auto& aots = atmosphere::kAot550;
    int i = first_node;
    double res1 = 2000, res2 = 1000;  // misfit one and two steps back
    double a1 = 1e-4, a2 = 1e-6;      // and the AOT there
    int i1 = 0, i2 = 0;

    float aot = aots[static_cast<std::size_t>(i)];
    FourBands surface = at_node(i);
    auto res = static_cast<float>(misfit<float>(surface, target));
    ++i;
    while (i < atmosphere::kAots && static_cast<double>(res) < res1 && !too_dark(surface, target)) {
        res2 = res1;
        i2 = i1;
        a2 = a1;
        res1 = static_cast<double>(res);
        a1 = static_cast<double>(aot);
        i1 = i;
        aot = aots[static_cast<std::size_t>(i)];
        surface = at_node(i);
        res = static_cast<float>(misfit<float>(surface, target));
        ++i;
    }
    if (i == 1) return {aot, res};

    const double a = static_cast<double>(aot);
    const double r = static_cast<double>(res);
    const double xa = (res1 - r) * (a2 - a);
    const double xb = (res2 - r) * (a1 - a);
    double vertex = .5 * (xa * (a2 + a) - xb * (a1 + a)) / (xa - xb);
    if (vertex < .01 || vertex > 4) vertex = a;
    const auto refined = static_cast<float>(vertex);
    AotEstimate best{refined, 0.f};
    double lowest = misfit<double>(at_aot(refined), target);
    if (lowest > r) {
        lowest = r;
        best.aot550 = aot;
    }
    if (lowest > res1) {
        lowest = res1;
        best.aot550 = static_cast<float>(a1);
    }
    if (lowest > res2) {
        lowest = res2;
        best.aot550 = static_cast<float>(a2);
    }
    best.residual = static_cast<float>(lowest);
    first_node = std::max(i2 - 3, 0);
    return best;
}

}  // namespace

FourBandModel::FourBandModel(const std::array<const PolynomialModel*, 4>& models) noexcept {
    for (std::size_t band = 0; band < kLanes; ++band) {
        const PolynomialModel& model = *models[band];
        for (std::size_t k = 0; k < 4; ++k) {
            path_[k][band] = model.path.c[k];
            transmittance_[k][band] = model.transmittance.c[k];
            albedo_[k][band] = model.albedo.c[k];
        }
        gas_[band] = model.gas_transmittance;
        largest_load_[band] = model.largest_load;
        extinction_[band] = model.scale.extinction;
        scales_[band] = model.scale;
    }
}

FourBands FourBandModel::spectral(float eps) const noexcept {
    FourBands factors;
    for (std::size_t band = 0; band < kLanes; ++band) factors[band] = scales_[band].spectral(eps);
    return factors;
}

FourBandModel::Air FourBandModel::air(float aot550,
                                      const FourBands& spectral_factors) const noexcept {
    Air air;
    for (std::size_t b = 0; b < kLanes; ++b) {
        const float load = aot550 / extinction_[b] * spectral_factors[b];
        const float x = load < largest_load_[b] ? load : largest_load_[b];
        const float x2 = x * x;
        const float x3 = x2 * x;
        const auto cubic = [&](const Coefficients& c) {
            return c[3][b] + c[2][b] * x + c[1][b] * x2 + c[0][b] * x3;
        };
        air.gas_path[b] = gas_[b] * cubic(path_);
        air.gas_transmittance[b] = gas_[b] * cubic(transmittance_);
        air.albedo[b] = cubic(albedo_);
    }
    return air;
}

FourBands FourBandModel::Air::surface(const FourBands& toa) const noexcept {
    FourBands s;
    for (std::size_t b = 0; b < kLanes; ++b) {
        const float x = toa[b] - gas_path[b];
        s[b] = x / (gas_transmittance[b] + albedo[b] * x);
    }
    return s;
}

FourBands FourBandModel::surface(const FourBands& toa, float aot550,
                                 const FourBands& spectral_factors) const noexcept {
    return air(aot550, spectral_factors).surface(toa);
}

NodeTable::NodeTable(const FourBandModel& model, float eps) noexcept
    : spectral_(model.spectral(eps)) {
    for (std::size_t i = 0; i < air_.size(); ++i)
        air_[i] = model.air(atmosphere::kAot550[i], spectral_);
}

AotEstimate search_aot(const FourBandModel& model, const NodeTable& table, const FourBands& toa,
                       const LandTarget& target, int& first_node) noexcept {
    return search(
        target, first_node, [&](int node) { return table.surface(toa, node); },
        [&](float aot) { return model.surface(toa, aot, table.spectral()); });
}

AotEstimate search_aot(const FourBandModel& model, const NodeTable& table, const FourBands& toa,
                       WaterTarget target, int& first_node) noexcept {
    return search(
        target, first_node, [&](int node) { return table.surface(toa, node); },
        [&](float aot) { return model.surface(toa, aot, table.spectral()); });
}

AotEstimate search_aot(const FourBandModel& model, const FourBands& spectral_factors,
                       const FourBands& toa, const LandTarget& target, int& first_node) noexcept {
    const auto at_aot = [&](float aot) { return model.surface(toa, aot, spectral_factors); };
    return search(
        target, first_node,
        [&](int node) { return at_aot(atmosphere::kAot550[static_cast<std::size_t>(node)]); },
        at_aot);
}

}  // namespace hls::lasrc
