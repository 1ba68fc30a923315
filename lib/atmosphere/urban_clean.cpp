// SPDX-License-Identifier: Apache-2.0
// Microphysics of the urban clean model and its optics through Mie theory.
#include "atmosphere/urban_clean.hpp"

#include <algorithm>
#include <cmath>

namespace hls::atmosphere {
namespace {

// Enough angles for the forward peak of the coarse mode; degrees far beyond any truncation.
constexpr int kPhaseNodes = 256;
constexpr int kMaxDegree = 80;

double extinction_at(const SphereMixture& mixture, double wavelength_um) {
    return mie_mixture(mixture, wavelength_um, 0).optical_depth;
}

}  // namespace

std::string_view microphysics_name(Microphysics rule) {
    switch (rule) {
        case Microphysics::extrapolate:
            return "extrapolate";
        case Microphysics::aot550:
            return "t=aot550";
        case Microphysics::clamp:
            break;
    }
    return "clamp";
}

SphereMixture urban_clean_mixture(double tau440) {
    const double t = tau440;
    const LognormalMode fine{0.15 * t, 0.12 + 0.11 * t, 0.38};
    const LognormalMode coarse{0.01 + 0.04 * t, 3.03 + 0.49 * t, 0.75};
    return {{fine, coarse}, {1.41 - 0.03 * t, 0.003}};
}

double urban_clean_tau440(double aot550, Microphysics rule) {
    if (rule == Microphysics::aot550) return aot550;
    constexpr int kMaxSteps = 60;
    double t = 1.5 * aot550;
    for (int step = 0; step < kMaxSteps; ++step) {
        if (rule == Microphysics::clamp) t = std::min(t, 1.0);
        const SphereMixture mixture = urban_clean_mixture(t);
        double next =
            aot550 * extinction_at(mixture, 0.44) / extinction_at(mixture, kReferenceWavelengthUm);
        if (rule == Microphysics::clamp) next = std::min(next, 1.0);
        const double change = std::abs(next - t);
        t = next;
        if (change < 2e-5) break;
    }
    return t;
}

AerosolOptics urban_clean_optics(double tau440, double wavelength_um) {
    const SphereMixture mixture = urban_clean_mixture(tau440);
    const MixtureOptics optics = mie_mixture(mixture, wavelength_um, kPhaseNodes);
    return {optics.optical_depth / extinction_at(mixture, kReferenceWavelengthUm),
            optics.single_scattering_albedo, optics.asymmetry, project(optics.phase, kMaxDegree),
            PhaseFunction(optics.phase)};
}

}  // namespace hls::atmosphere
