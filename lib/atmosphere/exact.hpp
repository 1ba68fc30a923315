// SPDX-License-Identifier: Apache-2.0
// Exact answers for single wavelengths and geometries of the urban clean atmosphere: no tables.
#pragma once

#include <span>
#include <vector>

#include "atmosphere/urban_clean.hpp"

namespace hls::atmosphere {

struct ExactQuery {
    double wavelength_um;  // 0.3 .. 4
    double aot550;         // 0 .. 10
    double pressure_hpa;   // 100 .. 1100, scales the molecular column
    double sza_deg;        // 0 .. 88
    double vza_deg;        // 0 .. 88
    double raa_deg;        // 0 = sun and sensor on the same side
};

struct ExactAnswer {
    double rho_path;          // reflectance over a black ground, no gas
    double t_down, t_up;      // total (direct + diffuse) along the sun and the view
    double spherical_albedo;  // from below
};

// One answer per row, solved with Accuracy::accurate; rows of equal wavelength, AOT and pressure
// share a solve. Throws Error{bad_input} naming the row (1-based) and value out of range.
std::vector<ExactAnswer> solve_exactly(std::span<const ExactQuery> rows, int threads,
                                       Microphysics microphysics = Microphysics::clamp);

}  // namespace hls::atmosphere
