// SPDX-License-Identifier: Apache-2.0
// The "urban clean" aerosol whose size distribution and index change with its load (rt.md 1).
#pragma once

#include <string_view>

#include "atmosphere/mie.hpp"
#include "atmosphere/phase_matrix.hpp"

namespace hls::atmosphere {

inline constexpr double kReferenceWavelengthUm = 0.55;

// What an aerosol does to light at one wavelength, whatever it is made of.
struct AerosolOptics {
    double extinction = 1;  // relative to 550 nm: tau = AOT550 * extinction
    double single_scattering_albedo = 1;
    double asymmetry = 0;
    PhaseMoments moments;
    PhaseFunction phase;
};

// How the load t at 440 nm, which sets the microphysics, follows from AOT550. The published laws
// hold for t in .1-1; the official tables do not say what they do beyond (rt.md 1, open question).
enum class Microphysics {
    clamp,        // t of the model's own spectral shape, at most 1
    extrapolate,  // the same without limit
    aot550,       // t = AOT550
};
std::string_view microphysics_name(Microphysics rule);  // "clamp", "extrapolate", "t=aot550"

// Dubovik et al. 2002, table 1, urban-industrial (GSFC), at t = aerosol optical depth at 440 nm.
SphereMixture urban_clean_mixture(double tau440);

// The load at 440 nm that belongs to `aot550` > 0.
double urban_clean_tau440(double aot550, Microphysics rule = Microphysics::clamp);

// Optics at `wavelength_um` of the mixture at load `tau440`.
AerosolOptics urban_clean_optics(double tau440, double wavelength_um);

}  // namespace hls::atmosphere
