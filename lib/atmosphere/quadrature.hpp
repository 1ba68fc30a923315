// SPDX-License-Identifier: Apache-2.0
// Gauss-Legendre quadrature.
#pragma once

#include <vector>

namespace hls::atmosphere {

struct GaussRule {
    std::vector<double> node;  // ascending, inside (lower, upper)
    std::vector<double> weight;
};

// The `count`-point rule on (lower, upper), exact for polynomials of degree 2 count - 1. count
// >= 1.
GaussRule gauss_legendre(int count, double lower, double upper);

}  // namespace hls::atmosphere
