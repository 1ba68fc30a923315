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

int bands_compared(const LandTarget& target) noexcept {
    return (target.coastal > 0.f ? 1 : 0) + (target.blue > 0.f ? 1 : 0) +
           (target.swir2 > 0.f ? 1 : 0);
}
int bands_compared(WaterTarget) noexcept {
    return 4;
}

// Sum of squared errors. Errors are double; the sum is float during the scan and double during the
// refinement, as in the reference.
template <typename Sum>
Sum squared_errors(const FourBands& surface, const LandTarget& target) noexcept {
    Sum sum = 0;
    const auto add = [&](float value, float ratio) {
        if (!(ratio > 0.f)) return;
        const double error = static_cast<double>(value) -
                             static_cast<double>(ratio) * static_cast<double>(surface[2]);
        sum = static_cast<Sum>(sum + error * error);
    };
    add(surface[0], target.coastal);
    add(surface[1], target.blue);
    add(surface[3], target.swir2);
    return sum;
}

template <typename Sum>
Sum squared_errors(const FourBands& surface, WaterTarget) noexcept {
    Sum sum = 0;
    for (const float value : surface)
        sum = static_cast<Sum>(sum + static_cast<double>(value) * static_cast<double>(value));
    return sum;
}

// The misfit of a sum, and comparisons of misfits that take roots only where rounding could matter:
// the root is what the scan would wait for.
struct Misfit {
    int bands;

    double of(double sum) const noexcept { return std::sqrt(sum) / bands; }
    float scanned(float sum) const noexcept {
        return static_cast<float>(of(static_cast<double>(sum)));
    }
    bool falls(float sum, float last) const noexcept {
        if (sum < last * .999999f) return true;
        if (sum >= last) return false;
        return scanned(sum) < scanned(last);
    }
};

// The last three nodes of a scan; what lies before the first node has made-up values.
struct ScanEnd {
    double res, res1, res2;  // misfits, the last node first
    double a, a1, a2;        // AOTs
    int before_last;         // i2 of lasrc.md 6, where the next search starts but for 3 nodes
};

// Minimum of the parabola through the three nodes, or the best of them if that is better.
template <typename MisfitAt>
AotEstimate refine(const ScanEnd& e, MisfitAt misfit_at) noexcept {
    const double xa = (e.res1 - e.res) * (e.a2 - e.a);
    const double xb = (e.res2 - e.res) * (e.a1 - e.a);
    double vertex = .5 * (xa * (e.a2 + e.a) - xb * (e.a1 + e.a)) / (xa - xb);
    if (!(vertex >= .01 && vertex <= 4)) vertex = e.a;  // also when it is not a number
    double aot = static_cast<double>(static_cast<float>(vertex));
    double lowest = misfit_at(static_cast<float>(vertex));
    const auto consider = [&](double res, double at) {
        if (!(lowest > res)) return;
        lowest = res;
        aot = at;
    };
    consider(e.res, e.a);
    consider(e.res1, e.a1);
    consider(e.res2, e.a2);
    return {static_cast<float>(aot), static_cast<float>(lowest)};
}

// at_node(i) and at_aot(aot) give surface reflectance of the four bands.
template <typename Target, typename AtNode, typename AtAot>
AotEstimate search(const Target& target, int& first_node, AtNode at_node, AtAot at_aot) noexcept {
    const auto aot_of = [](int i) {
        return static_cast<double>(atmosphere::kAot550[static_cast<std::size_t>(i)]);
    };
    const Misfit misfit{bands_compared(target)};
    const int start = first_node;
    int i = start;  // the node evaluated last
    float sum2 = 0.f, sum1 = 0.f;
    FourBands surface = at_node(i);
    float sum = squared_errors<float>(surface, target);
    bool falling = static_cast<double>(misfit.scanned(sum)) < 2000.;
    while (i + 1 < atmosphere::kAots && falling && !too_dark(surface, target)) {
        ++i;
        sum2 = sum1;
        sum1 = sum;
        surface = at_node(i);
        sum = squared_errors<float>(surface, target);
        falling = misfit.falls(sum, sum1);
    }
    if (i == 0) return {atmosphere::kAot550[0], misfit.scanned(sum)};

    const int steps = i - start;
    ScanEnd end{static_cast<double>(misfit.scanned(sum)), 2000., 1000., aot_of(i), 1e-4, 1e-6, 0};
    if (steps >= 1) {
        end.res2 = end.res1;
        end.a2 = end.a1;
        end.res1 = static_cast<double>(misfit.scanned(sum1));
        end.a1 = aot_of(i - 1);
    }
    if (steps >= 2) {
        end.res2 = static_cast<double>(misfit.scanned(sum2));
        end.a2 = aot_of(i - 2);
        end.before_last = i - 1;
    }
    first_node = std::max(end.before_last - 3, 0);
    return refine(
        end, [&](float aot) { return misfit.of(squared_errors<double>(at_aot(aot), target)); });
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
