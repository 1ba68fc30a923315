// SPDX-License-Identifier: Apache-2.0
// Optics like those of the Landsat bands under a standard atmosphere, as plain polynomials.
#pragma once

#include "lasrc/polynomial_model.hpp"

namespace hls::lasrc {

inline float plain_wavelength_um(int band) {
    constexpr float kWavelengths[] = {.443f, .48f, .585f, .655f, .865f, 1.61f, 2.2f};
    return kWavelengths[band - 1];
}

inline PolynomialModel plain_model(int band) {
    const float rayleigh = .008f / std::pow(plain_wavelength_um(band), 4.f);
    PolynomialModel model;
    model.path = {{.0004f, -.006f, .07f, .45f * rayleigh}};
    model.transmittance = {{-.0002f, .004f, -.09f, .99f - rayleigh}};
    model.albedo = {{.0003f, -.006f, .06f, .8f * rayleigh}};
    model.gas_transmittance = .98f;
    model.scale = AngstromScale::of(plain_wavelength_um(band),
                                    std::pow(plain_wavelength_um(band) / .55f, -1.3f));
    return model;
}

inline BandAtmosphere plain_first_pass(int band) {
    const PolynomialModel model = plain_model(band);
    return {model.path.at(.05f), model.transmittance.at(.05f), model.albedo.at(.05f),
            model.gas_transmittance};
}

// What the sensor sees of a surface: the inverse of PolynomialModel::surface.
inline float plain_toa(const PolynomialModel& model, float surface, float aot, float eps) {
    const float load = model.load(aot, model.scale.spectral(eps));
    return model.gas_transmittance *
           (model.path.at(load) +
            model.transmittance.at(load) * surface / (1.f - model.albedo.at(load) * surface));
}

}  // namespace hls::lasrc
