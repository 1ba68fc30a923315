// SPDX-License-Identifier: Apache-2.0
// Projection of phase matrices and interpolation of phase functions.
#include "atmosphere/phase_matrix.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>

#include "atmosphere/angular_functions.hpp"

namespace hls::atmosphere {

PhaseMoments project(const SpherePhaseMatrix& matrix, int max_degree) {
    const AngularFunctions zero = angular_functions(0, max_degree, matrix.cosine);
    const AngularFunctions two = angular_functions(2, max_degree, matrix.cosine);
    PhaseMoments moments;
    for (int l = 0; l <= max_degree; ++l) {
        double beta = 0, gamma = 0, plus = 0, minus = 0;
        for (std::size_t i = 0; i < matrix.cosine.size(); ++i) {
            const std::size_t at = zero.at(l, i);
            const double w = matrix.weight[i];
            beta += w * matrix.p11[i] * zero.p[at];
            gamma += w * matrix.p12[i] * zero.r[at];
            plus += w * (matrix.p11[i] + matrix.p33[i]) * (two.r[at] + two.t[at]);
            minus += w * (matrix.p11[i] - matrix.p33[i]) * (two.r[at] - two.t[at]);
        }
        const double scale = (2 * l + 1) / 2.0;
        moments.beta.push_back(scale * beta);
        moments.gamma.push_back(scale * gamma);
        moments.alpha.push_back(scale * (plus + minus) / 2);
        moments.zeta.push_back(scale * (plus - minus) / 2);
    }
    const double total = moments.beta[0];
    for (auto* series : {&moments.alpha, &moments.beta, &moments.gamma, &moments.zeta})
        for (double& value : *series) value /= total;
    return moments;
}

double legendre_series(std::span<const double> beta, double cosine) noexcept {
    double previous = 0, value = 1, sum = 0;
    for (std::size_t l = 0; l < beta.size(); ++l) {
        sum += beta[l] * value;
        const double degree = static_cast<double>(l);
        const double next = ((2 * degree + 1) * cosine * value - degree * previous) / (degree + 1);
        previous = value;
        value = next;
    }
    return sum;
}

PhaseFunction::PhaseFunction(std::vector<double> angle_rad, std::vector<double> p11)
    : angle_(std::move(angle_rad)), value_(std::move(p11)) {}

PhaseFunction::PhaseFunction(const PhaseMoments& moments) {
    constexpr int kSteps = 1800;
    for (int i = 0; i <= kSteps; ++i) {
        angle_.push_back(std::numbers::pi * i / kSteps);
        value_.push_back(legendre_series(moments.beta, std::cos(angle_.back())));
    }
}

double PhaseFunction::operator()(double angle_rad) const noexcept {
    const auto above = std::upper_bound(angle_.begin(), angle_.end(), angle_rad);
    const auto last = static_cast<std::ptrdiff_t>(angle_.size()) - 4;
    const auto first =
        static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(above - angle_.begin() - 2, 0, last));
    double sum = 0;
    for (std::size_t i = first; i < first + 4; ++i) {
        double term = value_[i];
        for (std::size_t j = first; j < first + 4; ++j)
            if (j != i) term *= (angle_rad - angle_[j]) / (angle_[i] - angle_[j]);
        sum += term;
    }
    return sum;
}

}  // namespace hls::atmosphere
