// SPDX-License-Identifier: Apache-2.0
// Rayleigh scattering by air: optical depth and phase matrix (rt.md 3).
#pragma once

#include "atmosphere/phase_matrix.hpp"

namespace hls::atmosphere {

inline constexpr double kStandardPressureHpa = 1013;
inline constexpr double kAirDepolarisation = 0.0279;

// Vertical optical depth of the US62 molecular column scaled to the surface pressure.
double rayleigh_optical_depth(double wavelength_um, double pressure_hpa) noexcept;

// The D of the Rayleigh phase matrix, 1 for depolarisation factor 0.
double rayleigh_anisotropy(double depolarisation) noexcept;

// Degrees 0..2 for linearly polarised light (no circular term).
PhaseMoments rayleigh_moments(double depolarisation);

}  // namespace hls::atmosphere
