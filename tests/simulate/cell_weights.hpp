// SPDX-License-Identifier: Apache-2.0
// What a pixel of any size sees of the landscape's 30 m pixels: area means of a softened landscape.
#pragma once

#include <span>
#include <vector>

#include "core/view2d.hpp"

namespace hls::simulate {

// Along one axis: the pixel's value is the sum of weight[i] * cell[first + i].
struct CellWeights {
    int first = 0;
    std::vector<float> weight;
};

// A pixel `pixel_m` long whose centre lies at `center` in units of 30 m, where cells are centred on
// integers. Fields end over `softness_m`, the standard deviation of a Gaussian; 0: abruptly. The
// weights add up to 1.
CellWeights cell_weights(double center, double pixel_m, double softness_m);

// How many cells beyond its own extent a pixel may see.
int cell_reach(double softness_m) noexcept;

// Weighted sum of rows of cells for every column; row 0 of `cells` is cell `first_row`.
void add_rows(const Plane<float>& cells, const CellWeights& rows, int first_row,
              std::span<float> out);
// Weighted sum along one row of cells.
float add_cols(std::span<const float> cells, const CellWeights& cols) noexcept;

}  // namespace hls::simulate
