// SPDX-License-Identifier: Apache-2.0
// Successive orders of scattering of one Fourier term.
#pragma once

#include <span>
#include <vector>

#include "atmosphere/column_layers.hpp"
#include "atmosphere/order_loops.hpp"
#include "atmosphere/scattering_kernels.hpp"

namespace hls::atmosphere {

// The direct beam of every sun and what is single-scattered from it, the same for all orders.
class BeamTable {
 public:
    BeamTable(const DirectionBasis& basis, const ColumnLayers& layers);

    // Beam at the top of a layer relative to the top of the atmosphere, [layer][column].
    std::span<const float> attenuation(int layer) const;
    // Radiance that unit source times attenuation of the layer's top adds per layer, [column].
    std::span<const float> gain(Heading heading, std::size_t gauss) const;
    // Integral of share * beam over the column along view and sun.
    double view_aerosol(std::size_t view, std::size_t sun) const;
    double view_molecules(std::size_t view, std::size_t sun) const;

 private:
    std::size_t columns_, suns_;
    std::vector<float> attenuation_, gain_up_, gain_down_;
    std::vector<double> view_aerosol_, view_molecules_;
};

// What one Fourier order is solved from. `aerosol` is null without aerosol.
struct OrderProblem {
    const DirectionBasis* basis;
    const ColumnLayers* layers;
    const BeamTable* beam_table;
    const OrderKernels* aerosol;
    std::span<const RankOneTerm> molecules;
    int components;  // Stokes components of the kernels
    float tolerance;
};

struct OrderSolution {
    std::vector<double> view;  // [(view*3+component)*suns + sun] radiance at the top
    int scatterings = 0;
};

OrderSolution solve_order(const OrderProblem& problem);

}  // namespace hls::atmosphere
