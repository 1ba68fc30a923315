// SPDX-License-Identifier: Apache-2.0
// Refractivity of air (Edlen 1966) and the Rayleigh column that LaSRC's band constants come from.
#include "atmosphere/molecules.hpp"

#include <cmath>

namespace hls::atmosphere {
namespace {

// US62 column and King factor 1.04806 (depolarisation .0279) in one constant (rt.md 3).
constexpr double kColumnConstant = 260123.96;

double refractive_index(double wavelength_um) noexcept {
    const double k2 = 1 / (wavelength_um * wavelength_um);
    return 1 + 1e-8 * (8342.13 + 2406030 / (130 - k2) + 15997 / (38.9 - k2));
}

}  // namespace

double rayleigh_optical_depth(double wavelength_um, double pressure_hpa) noexcept {
    const double n2 = std::pow(refractive_index(wavelength_um), 2);
    const double lorentz = (n2 - 1) / (n2 + 2);
    return kColumnConstant * lorentz * lorentz / std::pow(wavelength_um, 4) * pressure_hpa /
           kStandardPressureHpa;
}

double rayleigh_anisotropy(double depolarisation) noexcept {
    const double f = depolarisation / (2 - depolarisation);
    return (1 - f) / (1 + 2 * f);
}

PhaseMoments rayleigh_moments(double depolarisation) {
    const double d = rayleigh_anisotropy(depolarisation);
    return {{0, 0, 3 * d}, {1, 0, d / 2}, {0, 0, -std::sqrt(1.5) * d}, {0, 0, 0}};
}

}  // namespace hls::atmosphere
