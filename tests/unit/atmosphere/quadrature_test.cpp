// SPDX-License-Identifier: Apache-2.0
// Gauss-Legendre rules: known nodes, exactness, order.
#include "atmosphere/quadrature.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace hls::atmosphere {
namespace {

TEST(Quadrature, ThreePointRule) {
    const GaussRule rule = gauss_legendre(3, -1, 1);
    EXPECT_NEAR(rule.node[0], -std::sqrt(.6), 1e-15);
    EXPECT_NEAR(rule.node[1], 0, 1e-15);
    EXPECT_NEAR(rule.weight[1], 8. / 9, 1e-15);
}

TEST(Quadrature, ExactToTwiceTheCount) {
    const GaussRule rule = gauss_legendre(12, 0, 1);
    double sum = 0;
    for (std::size_t i = 0; i < 12; ++i) sum += rule.weight[i] * std::pow(rule.node[i], 23);
    EXPECT_NEAR(sum, 1. / 24, 1e-15);
    EXPECT_TRUE(std::is_sorted(rule.node.begin(), rule.node.end()));
}

TEST(Quadrature, PositiveNodesOfThe48PointRuleAreTheViewAngles) {
    const GaussRule rule = gauss_legendre(48, -1, 1);
    const double degrees = 180 / std::numbers::pi;
    EXPECT_NEAR(std::acos(rule.node[47]) * degrees, 2.84090, 5e-4);
    EXPECT_NEAR(std::acos(rule.node[46]) * degrees, 6.52107, 5e-4);
    EXPECT_NEAR(std::acos(rule.node[43]) * degrees, 17.638, 5e-4);
}

}  // namespace
}  // namespace hls::atmosphere
