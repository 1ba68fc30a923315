// SPDX-License-Identifier: Apache-2.0
#include "simulate/cell_weights.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "simulate/scene_request.hpp"

namespace hls::simulate {
namespace {

// Antiderivative of a step softened by a Gaussian of deviation `sigma`: 0 far below, x far above.
double soft_ramp(double x, double sigma) noexcept {
    if (sigma <= 0) return std::max(0.0, x);
    const double z = x / sigma;
    const double density = std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
    return x * std::erfc(-z / std::numbers::sqrt2) / 2 + sigma * density;
}

}  // namespace

int cell_reach(double softness_m) noexcept {
    return 1 + static_cast<int>(std::ceil(4 * softness_m / kPixelM));
}

CellWeights cell_weights(double center, double pixel_m, double softness_m) {
    const double half = pixel_m / kPixelM / 2;
    const double sigma = softness_m / kPixelM;
    const double reach = half + 0.5 + 4 * sigma;
    CellWeights weights;
    weights.first = static_cast<int>(std::ceil(center - reach - 1e-9));
    const int last = static_cast<int>(std::floor(center + reach + 1e-9));
    double sum = 0;
    for (int cell = weights.first; cell <= last; ++cell) {
        // The box of the pixel over the box of the cell, both ends of each.
        const double d = center - cell;
        const double part = soft_ramp(d + half + 0.5, sigma) - soft_ramp(d + half - 0.5, sigma) -
                            soft_ramp(d - half + 0.5, sigma) + soft_ramp(d - half - 0.5, sigma);
        weights.weight.push_back(static_cast<float>(std::max(0.0, part)));
        sum += double(weights.weight.back());
    }
    for (float& weight : weights.weight) weight = static_cast<float>(double(weight) / sum);
    return weights;
}

void add_rows(const Plane<float>& cells, const CellWeights& rows, int first_row,
              std::span<float> out) {
    std::fill(out.begin(), out.end(), 0.f);
    for (std::size_t i = 0; i < rows.weight.size(); ++i) {
        const auto row = cells.row(rows.first + static_cast<int>(i) - first_row);
        for (std::size_t col = 0; col < out.size(); ++col) out[col] += rows.weight[i] * row[col];
    }
}

float add_cols(std::span<const float> cells, const CellWeights& cols) noexcept {
    float sum = 0;
    for (std::size_t i = 0; i < cols.weight.size(); ++i)
        sum += cols.weight[i] * cells[static_cast<std::size_t>(cols.first) + i];
    return sum;
}

}  // namespace hls::simulate
