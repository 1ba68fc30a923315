// SPDX-License-Identifier: Apache-2.0
// Cuts the mixed exponential columns into layers.
#include "atmosphere/column_layers.hpp"

#include <cmath>

namespace hls::atmosphere {
namespace {

constexpr double kTopKm = 400;

}  // namespace

ColumnLayers make_layers(double tau_rayleigh, double tau_aerosol, double aerosol_albedo,
                         int count) {
    const auto aerosol_above = [&](double z) {
        return tau_aerosol * std::exp(-z / kAerosolScaleKm);
    };
    const auto molecules_above = [&](double z) {
        return tau_rayleigh * std::exp(-z / kMoleculeScaleKm);
    };
    ColumnLayers layers;
    layers.optical_depth = tau_rayleigh + tau_aerosol;
    layers.thickness = layers.optical_depth / count;
    double aerosol = 0, molecules = 0, top = kTopKm;
    for (int k = 1; k <= count; ++k) {
        double low = 0, high = top;
        const double target = k * layers.thickness;
        for (int step = 0; step < 60 && k < count; ++step) {
            const double middle = (low + high) / 2;
            (aerosol_above(middle) + molecules_above(middle) > target ? low : high) = middle;
        }
        top = k < count ? high : 0;
        const double layer_aerosol = aerosol_above(top) - aerosol;
        const double layer_molecules = molecules_above(top) - molecules;
        const double total = layer_aerosol + layer_molecules;
        layers.aerosol_share.push_back(static_cast<float>(aerosol_albedo * layer_aerosol / total));
        layers.molecular_share.push_back(static_cast<float>(layer_molecules / total));
        aerosol += layer_aerosol;
        molecules += layer_molecules;
    }
    return layers;
}

}  // namespace hls::atmosphere
