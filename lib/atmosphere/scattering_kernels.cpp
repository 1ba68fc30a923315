// SPDX-License-Identifier: Apache-2.0
// Builds the kernels from the angular functions (rt.md 4.1).
#include "atmosphere/scattering_kernels.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace hls::atmosphere {
namespace {

using Matrix3 = std::array<double, 9>;

Matrix3 angular_matrix(const AngularFunctions& f, int l, std::size_t node) noexcept {
    const std::size_t i = f.at(l, node);
    return {f.p[i], 0, 0, 0, f.r[i], f.t[i], 0, f.t[i], f.r[i]};
}

Matrix3 multiply(const Matrix3& a, const Matrix3& b) noexcept {
    Matrix3 c{};
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 3; ++j)
            c[3 * i + j] = a[3 * i] * b[j] + a[3 * i + 1] * b[3 + j] + a[3 * i + 2] * b[6 + j];
    return c;
}

// Pi B of one degree; `u_sign` turns B into B diag(1, 1, -1).
Matrix3 weighted(const Matrix3& angular, const PhaseMoments& m, int l, double u_sign) noexcept {
    const auto i = static_cast<std::size_t>(l);
    return multiply(
        angular, {m.beta[i], m.gamma[i], 0, m.gamma[i], m.alpha[i], 0, 0, 0, u_sign * m.zeta[i]});
}

// Blocks sum_l Pi(a) B Pi(b)^T for b in the same hemisphere as a, and for b in the other one, with
// b's U mirrored.
struct BlockPair {
    Matrix3 same{}, other{};
};

BlockPair block(const AngularFunctions& fa, std::size_t a, const AngularFunctions& fb,
                std::size_t b, const PhaseMoments& moments) noexcept {
    BlockPair pair;
    const int last = std::min(fa.max_degree, moments.max_degree());
    for (int l = fa.order; l <= last; ++l) {
        const double parity = (l + fa.order) % 2 == 0 ? 1 : -1;
        const Matrix3 left = angular_matrix(fa, l, a), right = angular_matrix(fb, l, b);
        const Matrix3 same = multiply(weighted(left, moments, l, 1), right);  // right is symmetric
        const Matrix3 other = multiply(weighted(left, moments, l, -1), right);
        for (std::size_t i = 0; i < 9; ++i) {
            pair.same[i] += same[i];
            pair.other[i] += parity * other[i];
        }
    }
    return pair;
}

std::size_t element(std::size_t row, std::size_t columns, std::size_t column) noexcept {
    return row * columns + column;
}

void fill_gauss(OrderKernels& k, const DirectionBasis& basis, const AngularFunctions& f,
                const PhaseMoments& moments) {
    const std::size_t nodes = basis.gauss.node.size(), rows = static_cast<std::size_t>(k.rows);
    k.sum_matrix.resize(rows * rows);
    k.difference_matrix.resize(rows * rows);
    for (std::size_t g = 0; g < nodes; ++g)
        for (std::size_t h = 0; h < nodes; ++h) {
            const BlockPair pair = block(f, g, f, h, moments);
            const double scale = basis.gauss.weight[h] / 4;
            for (std::size_t i = 0; i < rows / nodes; ++i)
                for (std::size_t j = 0; j < rows / nodes; ++j) {
                    const std::size_t at = element(i * nodes + g, rows, j * nodes + h);
                    const double same = pair.same[3 * i + j], other = pair.other[3 * i + j];
                    k.sum_matrix[at] = static_cast<float>(scale * (same + other));
                    k.difference_matrix[at] = static_cast<float>(scale * (same - other));
                }
        }
}

void fill_suns(OrderKernels& k, const DirectionBasis& basis, const AngularFunctions& f,
               const AngularFunctions& suns, const PhaseMoments& moments) {
    const std::size_t nodes = basis.gauss.node.size(), rows = static_cast<std::size_t>(k.rows);
    k.sun_up.resize(rows * suns.nodes);
    k.sun_down.resize(rows * suns.nodes);
    for (std::size_t g = 0; g < nodes; ++g)
        for (std::size_t s = 0; s < suns.nodes; ++s) {
            const BlockPair pair = block(f, g, suns, s, moments);
            for (std::size_t i = 0; i < rows / nodes; ++i) {
                const std::size_t at = element(i * nodes + g, suns.nodes, s);
                k.sun_up[at] = static_cast<float>(pair.other[3 * i] / 4);
                k.sun_down[at] = static_cast<float>(pair.same[3 * i] / 4);
            }
        }
}

void fill_views(OrderKernels& k, const DirectionBasis& basis, int order,
                const PhaseMoments& moments) {
    const auto m = static_cast<std::size_t>(order);
    const AngularFunctions &f = basis.at_gauss[m], &views = basis.at_view[m],
                           &suns = basis.at_sun[m];
    const std::size_t nodes = basis.gauss.node.size(), rows = static_cast<std::size_t>(k.rows);
    k.view_up.resize(views.nodes * 3 * rows);
    k.view_down.resize(views.nodes * 3 * rows);
    k.view_sun.resize(views.nodes * 3 * suns.nodes);
    for (std::size_t v = 0; v < views.nodes; ++v) {
        for (std::size_t g = 0; g < nodes; ++g) {
            const BlockPair pair = block(views, v, f, g, moments);
            const double scale = basis.gauss.weight[g] / 2;
            for (std::size_t i = 0; i < 3; ++i)
                for (std::size_t j = 0; j < rows / nodes; ++j) {
                    const std::size_t at = element(v * 3 + i, rows, j * nodes + g);
                    k.view_up[at] = static_cast<float>(scale * pair.same[3 * i + j]);
                    k.view_down[at] = static_cast<float>(scale * pair.other[3 * i + j]);
                }
        }
        for (std::size_t s = 0; s < suns.nodes; ++s) {
            const BlockPair pair = block(views, v, suns, s, moments);
            for (std::size_t i = 0; i < 3; ++i)
                k.view_sun[element(v * 3 + i, suns.nodes, s)] =
                    static_cast<float>(pair.other[3 * i] / 4);
        }
    }
}

using Vector3 = std::array<double, 3>;

// v = Pi b at every node, [component][node].
std::vector<Vector3> rank_one_vectors(const AngularFunctions& f, int l, const Vector3& b) {
    std::vector<Vector3> v;
    for (std::size_t node = 0; node < f.nodes; ++node) {
        const std::size_t i = f.at(l, node);
        v.push_back({f.p[i] * b[0], f.r[i] * b[1], f.t[i] * b[1]});
    }
    return v;
}

RankOneTerm rank_one_term(const DirectionBasis& basis, int order, int l, const Vector3& b,
                          int components) {
    const auto m = static_cast<std::size_t>(order);
    const std::size_t nodes = basis.gauss.node.size();
    RankOneTerm term;
    term.parity = (l + order) % 2 == 0 ? 1.F : -1.F;
    const std::vector<Vector3> gauss = rank_one_vectors(basis.at_gauss[m], l, b);
    for (std::size_t i = 0; i < static_cast<std::size_t>(components); ++i)
        for (std::size_t g = 0; g < nodes; ++g) {
            term.spread.push_back(static_cast<float>(gauss[g][i]));
            term.project.push_back(static_cast<float>(gauss[g][i] * basis.gauss.weight[g] / 2));
        }
    for (const Vector3& v : rank_one_vectors(basis.at_view[m], l, b))
        for (const double x : v) term.view.push_back(static_cast<float>(x));
    for (const Vector3& v : rank_one_vectors(basis.at_sun[m], l, b))
        term.sun.push_back(static_cast<float>(v[0] / 4));
    return term;
}

}  // namespace

DirectionBasis make_basis(int gauss_nodes, std::vector<double> sun_mu,
                          std::vector<double> view_mu) {
    DirectionBasis basis{
        gauss_legendre(gauss_nodes, 0, 1), std::move(sun_mu), std::move(view_mu), {}, {}, {}};
    const int degree = 2 * gauss_nodes - 1;
    for (int m = 0; m <= degree; ++m) {
        basis.at_gauss.push_back(angular_functions(m, degree, basis.gauss.node));
        basis.at_sun.push_back(angular_functions(m, degree, basis.sun_mu));
        basis.at_view.push_back(angular_functions(m, degree, basis.view_mu));
    }
    return basis;
}

OrderKernels dense_kernels(const DirectionBasis& basis, const PhaseMoments& moments, int order,
                           int components) {
    OrderKernels k;
    k.rows = components * static_cast<int>(basis.gauss.node.size());
    const auto m = static_cast<std::size_t>(order);
    fill_gauss(k, basis, basis.at_gauss[m], moments);
    fill_suns(k, basis, basis.at_gauss[m], basis.at_sun[m], moments);
    fill_views(k, basis, order, moments);
    return k;
}

std::vector<RankOneTerm> molecular_terms(const DirectionBasis& basis, double anisotropy, int order,
                                         int components) {
    std::vector<RankOneTerm> terms;
    if (order > 2) return terms;
    if (order == 0) terms.push_back(rank_one_term(basis, 0, 0, {1, 0, 0}, components));
    const Vector3 b{std::sqrt(anisotropy / 2), -std::sqrt(3 * anisotropy), 0};
    terms.push_back(rank_one_term(basis, order, 2, b, components));
    return terms;
}

}  // namespace hls::atmosphere
