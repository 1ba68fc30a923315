// SPDX-License-Identifier: Apache-2.0
// The angular functions in which phase matrices and Fourier terms of polarised light are expanded.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace hls::atmosphere {

// For one Fourier order m and degrees l = 0..max_degree at every cosine (rt.md 4.1):
//   p  normalised associated Legendre functions P_l^m
//   r  (d^l_{m,2} + d^l_{m,-2}) / 2,   t  (d^l_{m,2} - d^l_{m,-2}) / 2
// Index [degree * nodes + node]. p is zero below degree m, r and t below max(m, 2).
struct AngularFunctions {
    int order = 0;
    int max_degree = 0;
    std::size_t nodes = 0;
    std::vector<double> p, r, t;

    std::size_t at(int degree, std::size_t node) const {
        return static_cast<std::size_t>(degree) * nodes + node;
    }
};

// `cosines` in [-1, 1]; 0 <= order <= max_degree.
AngularFunctions angular_functions(int order, int max_degree, std::span<const double> cosines);

}  // namespace hls::atmosphere
