// SPDX-License-Identifier: Apache-2.0
// The atmosphere as layers of equal optical thickness with their share of aerosol and molecules.
#pragma once

#include <vector>

namespace hls::atmosphere {

// Scale heights of the exponential profiles; pressure changes the molecular column only (rt.md 3).
inline constexpr double kMoleculeScaleKm = 8;
inline constexpr double kAerosolScaleKm = 2;

// Layer 0 is the top one. Inside a layer the mixture is constant (rt.md 4.2).
struct ColumnLayers {
    double optical_depth = 0;            // of the whole column
    double thickness = 0;                // of each layer
    std::vector<float> aerosol_share;    // single scattering albedo times aerosol optical thickness
    std::vector<float> molecular_share;  // molecular optical thickness; both over `thickness`

    int count() const { return static_cast<int>(aerosol_share.size()); }
};

// `count` >= 1 layers; the level heights follow from bisection of the column above them.
ColumnLayers make_layers(double tau_rayleigh, double tau_aerosol, double aerosol_albedo, int count);

}  // namespace hls::atmosphere
