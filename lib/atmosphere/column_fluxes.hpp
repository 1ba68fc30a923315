// SPDX-License-Identifier: Apache-2.0
// Transmittance and spherical albedo of a column over a black ground, for unpolarised light and on
// the layers of 6SV: the official tables, and so the aerosol retrieval, have them in this way.
#pragma once

#include <span>
#include <vector>

namespace hls::atmosphere {

// Levels from the top of the atmosphere to the ground. Scattering is mixed at the levels and linear
// in optical depth between them, which gives thin molecules above thick aerosol more weight than
// they have: T of the coarse maritime aerosol at .86 um and AOT .4 comes out 2.5e-4 below that of
// many layers. That is part of the reference, whose T this reproduces within 1.2e-4 (its S is some
// 2.2e-4 higher, from the half of a Gauss rule made for both hemispheres).
struct MixedLevels {
    std::vector<double> depth;            // optical depth above, 0 at the top
    std::vector<double> molecular_share;  // of the extinction at the level, [0, 1]
};

// 30 layers of equal thickness, each halved as long as the molecular share changes by more than
// three quarters across it. tau_rayleigh + tau_aerosol > 0.
MixedLevels mixed_levels(double tau_rayleigh, double tau_aerosol);

// Azimuth mean of a phase function between directions: source per radiance, quadrature weight and
// 1/2 included, [direction][Gauss node] with the Gauss nodes themselves as the first directions.
struct FluxKernel {
    std::vector<double> same, opposite;  // hemisphere of the two directions
};

struct ColumnFluxes {
    std::vector<double> transmittance;  // direct + diffuse, by angle
    double spherical_albedo = 0;        // from below
};

class FluxSolver {
 public:
    // `cosines` in (0, 1] are those of the angles wanted, `gauss_nodes` per hemisphere.
    FluxSolver(int gauss_nodes, std::span<const double> cosines, double depolarisation);

    // `beta` of a phase function truncated to degrees below 2 gauss_nodes.
    FluxKernel kernel(std::span<const double> beta) const;

    // Depths and single scattering albedo belong to the truncated phase function. With reciprocity
    // the transmittance at an angle is the radiance that a ground of unit radiance sends there, so
    // that one solve serves all angles. No aerosol: null and zeros.
    struct Column {
        double tau_rayleigh = 0, tau_aerosol = 0, aerosol_albedo = 0;
        const FluxKernel* aerosol = nullptr;
    };
    ColumnFluxes solve(const Column& column) const;

 private:
    std::vector<double> node_, weight_, cosine_;
    std::vector<double> legendre_;  // [degree][direction]
    FluxKernel molecules_;
};

}  // namespace hls::atmosphere
