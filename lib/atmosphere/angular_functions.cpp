// SPDX-License-Identifier: Apache-2.0
// Upward recurrences in degree, one node at a time (rt.md 4.1).
#include "atmosphere/angular_functions.hpp"

#include <algorithm>
#include <cmath>

namespace hls::atmosphere {
namespace {

double factorial(int n) noexcept {
    double product = 1;
    for (int i = 2; i <= n; ++i) product *= i;
    return product;
}

// P_m^m and d^l0_{m,+-2} with l0 = max(m, 2).
double first_p(int m, double x) noexcept {
    return std::ldexp(std::sqrt(factorial(2 * m)) / factorial(m), -m) *
           std::pow(1 - x * x, m / 2.0);
}

double first_d(int m, double x, int sign) noexcept {
    if (m == 0) return std::sqrt(6.0) / 4 * (1 - x * x);
    const double toward = 1 + sign * x;
    if (m == 1) return -sign * toward / 2 * std::sqrt(1 - x * x);
    const double scale =
        std::ldexp(std::sqrt(factorial(2 * m) / (factorial(m + 2) * factorial(m - 2))), -m);
    return scale * toward * toward * std::pow(1 - x * x, (m - 2) / 2.0);
}

void fill_p(AngularFunctions& f, std::size_t node, double x) {
    const int m = f.order;
    double previous = 0, value = first_p(m, x);
    for (int l = m; l <= f.max_degree; ++l) {
        f.p[f.at(l, node)] = value;
        const double next = ((2 * l + 1) * x * value - std::sqrt(l * l - m * m) * previous) /
                            std::sqrt((l + 1) * (l + 1) - m * m);
        previous = value;
        value = next;
    }
}

// d^{l+1} from d^l and d^{l-1}; `sign` is that of the second index, +2 or -2.
double next_d(int l, int m, int sign, double x, double value, double previous) noexcept {
    const double centre = (2 * l + 1) * (l * (l + 1) * x - sign * 2 * m) * value;
    const double back =
        (l + 1) * std::sqrt(static_cast<double>(l * l - m * m) * (l * l - 4)) * previous;
    const int k = (l + 1) * (l + 1);
    return (centre - back) / (l * std::sqrt(static_cast<double>(k - m * m) * (k - 4)));
}

void fill_d(AngularFunctions& f, std::size_t node, double x) {
    const int m = f.order;
    const int start = std::max(m, 2);
    double plus_before = 0, plus = first_d(m, x, +1);
    double minus_before = 0, minus = first_d(m, x, -1);
    for (int l = start; l <= f.max_degree; ++l) {
        f.r[f.at(l, node)] = (plus + minus) / 2;
        f.t[f.at(l, node)] = (plus - minus) / 2;
        const double plus_next = next_d(l, m, +1, x, plus, plus_before);
        const double minus_next = next_d(l, m, -1, x, minus, minus_before);
        plus_before = plus;
        minus_before = minus;
        plus = plus_next;
        minus = minus_next;
    }
}

}  // namespace

AngularFunctions angular_functions(int order, int max_degree, std::span<const double> cosines) {
    AngularFunctions f{order, max_degree, cosines.size(), {}, {}, {}};
    const std::size_t size = static_cast<std::size_t>(max_degree + 1) * cosines.size();
    f.p.assign(size, 0);
    f.r.assign(size, 0);
    f.t.assign(size, 0);
    for (std::size_t node = 0; node < cosines.size(); ++node) {
        fill_p(f, node, cosines[node]);
        fill_d(f, node, cosines[node]);
    }
    return f;
}

}  // namespace hls::atmosphere
