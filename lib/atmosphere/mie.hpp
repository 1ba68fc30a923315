// SPDX-License-Identifier: Apache-2.0
// Scattering by homogeneous spheres and by lognormal mixtures of them.
#pragma once

#include <complex>
#include <span>
#include <vector>

#include "atmosphere/phase_matrix.hpp"
#include "atmosphere/quadrature.hpp"

namespace hls::atmosphere {

struct SphereScattering {
    double extinction;                       // efficiency Qext
    double scattering;                       // efficiency Qsca
    double asymmetry_sca;                    // g Qsca
    std::vector<std::complex<double>> a, b;  // Mie coefficients, a[0] is a_1
};

// One sphere of size parameter x = 2 pi r / lambda > 0 and index n + ik, k >= 0.
// Bohren & Huffman chapter 4, rt.md 2.
SphereScattering mie_sphere(double size_parameter, std::complex<double> index);

// dV/dlnr = volume / (sqrt(2 pi) sigma) exp(-(ln r - ln radius)^2 / (2 sigma^2)), where `volume`
// is the part inside the radius range of the mixture.
struct LognormalMode {
    double volume_um;  // um3/um2
    double radius_um;
    double sigma;  // of ln r
};

struct SphereMixture {
    std::vector<LognormalMode> modes;
    std::complex<double> index;  // n + ik
};

// The radii over which mixtures are summed: every 0.011 decade from 0.01 um to 20 um, as in 6SV.
// Finer steps move extinction ratios by up to 0.2 % at AOT .01 and less than 0.01 % above .2.
inline constexpr double kMinRadiusUm = 0.01;
inline constexpr double kRadiusStepDecades = 0.011;
inline constexpr int kRadii = 301;

struct MixtureOptics {
    double optical_depth;  // extinction of the column of spheres
    double single_scattering_albedo;
    double asymmetry;
    SpherePhaseMatrix phase;  // at the nodes of the rule; (1/2) integral of P11 is 1
};

// Optics at `wavelength_um`, with the phase matrix at the nodes of `angles` (may be empty).
MixtureOptics mie_mixture(const SphereMixture& mixture, double wavelength_um,
                          const GaussRule& angles = {});

}  // namespace hls::atmosphere
