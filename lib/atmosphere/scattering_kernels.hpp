// SPDX-License-Identifier: Apache-2.0
// Fourier terms of the phase matrices between the directions of a solve: what the source function
// is multiplied from. They depend on angles and scatterer only, not on optical depth.
//
// Fields are kept for upward directions and, mirrored (U with the opposite sign), for the downward
// directions of equal |mu|. With s = up + down and d = up - down the scattering operator falls
// apart into one matrix for s and one for d (parity of the phase matrix).
#pragma once

#include <cstddef>
#include <vector>

#include "atmosphere/angular_functions.hpp"
#include "atmosphere/phase_matrix.hpp"
#include "atmosphere/quadrature.hpp"

namespace hls::atmosphere {

// Stokes components: order 0 needs I, Q; the others I, Q, U. Row index = component * nodes + node.
inline int stokes_components(int order) {
    return order == 0 ? 2 : 3;
}

// Angular functions of every Fourier order at the Gauss nodes, the views and the suns.
struct DirectionBasis {
    GaussRule gauss;             // cosines on (0, 1)
    std::vector<double> sun_mu;  // all columns with a direct beam
    std::vector<double> view_mu;
    std::vector<AngularFunctions> at_gauss, at_sun, at_view;  // [order]

    int orders() const { return static_cast<int>(at_gauss.size()); }
};

// Directions on `gauss_nodes` per hemisphere; expansions up to degree 2 gauss_nodes - 1.
DirectionBasis make_basis(int gauss_nodes, std::vector<double> sun_mu, std::vector<double> view_mu);

// One Fourier order of one scatterer. `rows` = components * Gauss nodes.
struct OrderKernels {
    int rows = 0;
    // Source per radiance of the sum and difference fields, quadrature weight and the halves of
    // (1/2) K and of the way back to up and down included; [row][column], rows x rows.
    std::vector<float> sum_matrix, difference_matrix;
    // First scattering of the beam, 1/4 included: [row][sun] into up and (mirrored) down.
    std::vector<float> sun_up, sun_down;
    // View source of I, Q, U from the fields, weight and 1/2 included: [(view*3+component)][row].
    std::vector<float> view_up, view_down;
    // First scattering into views, 1/4 included: [(view*3+component)][sun].
    std::vector<float> view_sun;
};

OrderKernels dense_kernels(const DirectionBasis& basis, const PhaseMoments& moments, int order,
                           int components);

// A scatterer of rank one per term, as molecules are: K = v v^T (rt.md 2: gamma^2 = alpha beta).
struct RankOneTerm {
    float parity = 1;            // sign between v(mu) and its mirrored downward value
    std::vector<float> project;  // [row] v times quadrature weight / 2
    std::vector<float> spread;   // [row] v
    std::vector<float> view;     // [view*3+component] v
    std::vector<float> sun;      // [sun] I component of v, 1/4 included
};

// Terms of molecules with the given D; two for order 0, one for 1 and 2, none above.
std::vector<RankOneTerm> molecular_terms(const DirectionBasis& basis, double anisotropy, int order,
                                         int components);

}  // namespace hls::atmosphere
