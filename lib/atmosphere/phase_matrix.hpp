// SPDX-License-Identifier: Apache-2.0
// How a scatterer distributes light: expansion coefficients of its phase matrix and its P11.
#pragma once

#include <span>
#include <vector>

namespace hls::atmosphere {

// Coefficients by degree l (rt.md 2): P11 = sum beta_l P_l, P12 = sum gamma_l P^l_{0,2},
// P22 +- P33 = sum (alpha_l +- zeta_l) d^l_{2,+-2}. Normalised so that beta_0 = 1, beta_1 = 3 g.
struct PhaseMoments {
    std::vector<double> alpha, beta, gamma, zeta;  // equal lengths

    int max_degree() const { return static_cast<int>(beta.size()) - 1; }
};

// Phase matrix of spheres (P22 = P11, P44 = P33) at the nodes of a quadrature rule on (-1, 1).
struct SpherePhaseMatrix {
    std::vector<double> cosine, weight;
    std::vector<double> p11, p12, p33;
};

// Projection onto degrees 0..max_degree, scaled so that beta_0 is exactly 1.
PhaseMoments project(const SpherePhaseMatrix& matrix, int max_degree);

// sum beta_l P_l(cosine) over the given degrees.
double legendre_series(std::span<const double> beta, double cosine) noexcept;

// P11 at any scattering angle, from a table by cubic interpolation in the angle.
class PhaseFunction {
 public:
    PhaseFunction() = default;
    // `angle_rad` ascending within [0, pi], at least 4 nodes; outside them the end cubic is used.
    PhaseFunction(std::vector<double> angle_rad, std::vector<double> p11);
    // Of the series with the coefficients of `moments`, tabulated every 0.1 degree.
    explicit PhaseFunction(const PhaseMoments& moments);

    double operator()(double angle_rad) const noexcept;

 private:
    std::vector<double> angle_;
    std::vector<double> value_;
};

}  // namespace hls::atmosphere
