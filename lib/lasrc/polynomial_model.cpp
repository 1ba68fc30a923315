// SPDX-License-Identifier: Apache-2.0
#include "lasrc/polynomial_model.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace hls::lasrc {
namespace {

constexpr std::size_t kTerms = 4;
constexpr int kFewestPoints = 4;
constexpr float kPivotTolerance = 1e-10f;
constexpr float kRise = 1e-5f;

using Matrix = std::array<std::array<float, kTerms>, kTerms>;
using Vector = std::array<float, kTerms>;

// Gaussian elimination with row pivoting; zeros if the matrix is singular.
Vector solve(Matrix a, Vector b) noexcept {
    for (std::size_t i = 0; i < kTerms; ++i) {
        std::size_t pivot = i;
        for (std::size_t k = i + 1; k < kTerms; ++k)
            if (std::fabs(a[k][i]) > std::fabs(a[pivot][i])) pivot = k;
        if (std::fabs(a[pivot][i]) < kPivotTolerance) return {};
        std::swap(a[i], a[pivot]);
        std::swap(b[i], b[pivot]);
        for (std::size_t j = i + 1; j < kTerms; ++j) {
            a[j][i] /= a[i][i];
            for (std::size_t k = i + 1; k < kTerms; ++k) a[j][k] -= a[j][i] * a[i][k];
        }
    }
    Vector x{};
    for (std::size_t i = 0; i < kTerms; ++i) {
        x[i] = b[i];
        for (std::size_t k = 0; k < i; ++k) x[i] -= a[i][k] * x[k];
    }
    for (std::size_t i = kTerms; i-- > 0;) {
        for (std::size_t k = i + 1; k < kTerms; ++k) x[i] -= a[i][k] * x[k];
        x[i] /= a[i][i];
    }
    return x;
}

}  // namespace

Cubic fit_cubic(std::span<const float> x, std::span<const float> y) noexcept {
    Matrix normal{};
    Vector right{};
    for (std::size_t i = 0; i < x.size(); ++i) {
        const float x2 = x[i] * x[i];
        const Vector powers{x2 * x[i], x2, x[i], 1.f};
        for (std::size_t r = 0; r < kTerms; ++r) {
            for (std::size_t c = 0; c < kTerms; ++c) normal[r][c] += powers[r] * powers[c];
            right[r] += powers[r] * y[i];
        }
    }
    return {solve(normal, right)};
}

int last_rising_node(std::span<const float, atmosphere::kAots> path) noexcept {
    for (std::size_t i = 1; i < path.size(); ++i)
        if (path[i] - path[i - 1] <= kRise) return static_cast<int>(i) - 1;
    return atmosphere::kAots - 1;
}

PolynomialModel fit_polynomial_model(const AtmosphereFunction& atmosphere, float sample_eps,
                                     const Quirks& quirks) noexcept {
    std::array<float, atmosphere::kAots> path, transmittance, albedo;
    PolynomialModel model;
    for (std::size_t i = 0; i < path.size(); ++i) {
        const BandAtmosphere sample = atmosphere.at(atmosphere::kAot550[i], sample_eps);
        path[i] = sample.path_reflectance;
        transmittance[i] = sample.transmittance;
        albedo[i] = sample.spherical_albedo;
        model.gas_transmittance = sample.gas_transmittance;
    }

    const std::span aots(atmosphere::kAot550);
    const int last = last_rising_node(path);
    const int points = std::max(kFewestPoints, quirks.fit_without_last_point ? last : last + 1);
    const auto used = static_cast<std::size_t>(points);
    model.largest_load = aots[static_cast<std::size_t>(last)];
    model.path = fit_cubic(aots.first(used), std::span(path).first(used));
    model.transmittance = fit_cubic(aots, transmittance);
    model.albedo = fit_cubic(aots, albedo);
    model.scale = atmosphere.scale();
    return model;
}

}  // namespace hls::lasrc
