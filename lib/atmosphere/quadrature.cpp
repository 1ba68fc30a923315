// SPDX-License-Identifier: Apache-2.0
// Gauss-Legendre nodes by Newton iteration on the Legendre polynomial.
#include "atmosphere/quadrature.hpp"

#include <cmath>
#include <cstddef>
#include <numbers>

namespace hls::atmosphere {
namespace {

struct LegendreValue {
    double value;
    double derivative;
};

LegendreValue legendre(int degree, double x) noexcept {
    double previous = 1, value = x;
    for (int l = 1; l < degree; ++l) {
        const double next = ((2 * l + 1) * x * value - l * previous) / (l + 1);
        previous = value;
        value = next;
    }
    return {value, degree * (x * value - previous) / (x * x - 1)};
}

}  // namespace

GaussRule gauss_legendre(int count, double lower, double upper) {
    const double centre = (lower + upper) / 2, half = (upper - lower) / 2;
    GaussRule rule;
    rule.node.resize(static_cast<std::size_t>(count));
    rule.weight.resize(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
        double x = -std::cos(std::numbers::pi * (i + 0.75) / (count + 0.5));
        LegendreValue p = legendre(count, x);
        for (int step = 0; step < 100; ++step) {
            const double change = p.value / p.derivative;
            x -= change;
            p = legendre(count, x);
            if (std::abs(change) < 1e-15) break;
        }
        rule.node[static_cast<std::size_t>(i)] = centre + half * x;
        rule.weight[static_cast<std::size_t>(i)] =
            half * 2 / ((1 - x * x) * p.derivative * p.derivative);
    }
    return rule;
}

}  // namespace hls::atmosphere
