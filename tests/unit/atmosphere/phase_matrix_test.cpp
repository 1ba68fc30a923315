// SPDX-License-Identifier: Apache-2.0
// Angular functions, projection and interpolation of phase functions.
#include "atmosphere/phase_matrix.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "atmosphere/angular_functions.hpp"
#include "atmosphere/molecules.hpp"
#include "atmosphere/quadrature.hpp"

namespace hls::atmosphere {
namespace {

TEST(AngularFunctions, LowDegreesByHand) {
    const double x = .3;
    const AngularFunctions zero = angular_functions(0, 4, std::vector{x});
    EXPECT_NEAR(zero.p[2], (3 * x * x - 1) / 2, 1e-15);
    EXPECT_NEAR(zero.r[2], std::sqrt(6.) / 4 * (1 - x * x), 1e-15);
    EXPECT_NEAR(zero.t[2], 0, 1e-15);
    const AngularFunctions two = angular_functions(2, 4, std::vector{x});
    EXPECT_NEAR(two.p[2], std::sqrt(6.) / 4 * (1 - x * x), 1e-15);
    EXPECT_NEAR(two.r[2] + two.t[2], (1 + x) * (1 + x) / 4, 1e-15);
    EXPECT_NEAR(two.r[2] - two.t[2], (1 - x) * (1 - x) / 4, 1e-15);
}

TEST(AngularFunctions, OrthogonalOnTheSphere) {
    const GaussRule rule = gauss_legendre(40, -1, 1);
    for (const int m : {0, 1, 2, 7}) {
        const AngularFunctions f = angular_functions(m, 30, rule.node);
        for (const int l : {m + 2, m + 9, 30}) {
            double p = 0, plus = 0;
            for (std::size_t i = 0; i < 40; ++i) {
                p += rule.weight[i] * f.p[f.at(l, i)] * f.p[f.at(l, i)];
                plus += rule.weight[i] * std::pow(f.r[f.at(l, i)] + f.t[f.at(l, i)], 2);
            }
            EXPECT_NEAR(p * (2 * l + 1) / 2, 1, 1e-12) << m << " " << l;
            EXPECT_NEAR(plus * (2 * l + 1) / 2, 1, 1e-12) << m << " " << l;
        }
    }
}

TEST(PhaseMatrix, ProjectionOfRayleighScattering) {
    const GaussRule rule = gauss_legendre(20, -1, 1);
    SpherePhaseMatrix matrix{rule.node, rule.weight, {}, {}, {}};
    for (const double c : rule.node) {
        matrix.p11.push_back(.75 * (1 + c * c));
        matrix.p12.push_back(-.75 * (1 - c * c));
        matrix.p33.push_back(1.5 * c);
    }
    const PhaseMoments moments = project(matrix, 4), expected = rayleigh_moments(0);
    for (std::size_t l = 0; l < 3; ++l) {
        EXPECT_NEAR(moments.beta[l], expected.beta[l], 1e-14) << l;
        EXPECT_NEAR(moments.gamma[l], expected.gamma[l], 1e-14) << l;
        EXPECT_NEAR(moments.alpha[l], expected.alpha[l], 1e-14) << l;
    }
    EXPECT_NEAR(moments.beta[4], 0, 1e-14);
}

TEST(PhaseFunction, InterpolatesTheSeries) {
    PhaseMoments moments;
    double g = 1;
    for (int l = 0; l <= 80; ++l, g *= .7) moments.beta.push_back((2 * l + 1) * g);
    const PhaseFunction phase(moments);
    for (double angle = .00123; angle < std::numbers::pi; angle += .0771) {
        const double c = std::cos(angle);
        const double henyey = (1 - .49) / std::pow(1 + .49 - 1.4 * c, 1.5);
        EXPECT_NEAR(phase(angle) / henyey, 1, 1e-5) << angle;
    }
}

}  // namespace
}  // namespace hls::atmosphere
