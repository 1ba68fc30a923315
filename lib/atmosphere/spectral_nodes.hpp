// SPDX-License-Identifier: Apache-2.0
// At which wavelengths, and with which molecular optical depth, a band is solved (rt.md 3 and 7).
#pragma once

#include <string_view>
#include <vector>

#include "atmosphere/bands.hpp"

namespace hls::atmosphere {

enum class WavelengthSet {
    compat,  // one wavelength, molecular optical depth from LaSRC's band constants
    srf,     // molecules at the wavelengths; OLI 2, MSI 2 and 8 have three nodes
};
std::string_view wavelength_set_name(WavelengthSet set);  // "compat", "srf"

struct SpectralNode {
    double wavelength_um;
    double weight;        // the weights of a band add up to 1
    double tau_rayleigh;  // at 1013 hPa
};

// Nodes of row `band` of band_constants(sensor).
//
// The wavelength of a band is its Rayleigh-effective one: the wavelength whose molecular optical
// depth is the mean over response times sunlight. Three nodes are Gauss nodes (weights 5, 8, 5 of
// 18) of a flat response as wide as the published band, centred so that its mean molecular optical
// depth is that of the effective wavelength.
std::vector<SpectralNode> spectral_nodes(Sensor sensor, std::size_t band, WavelengthSet set);

}  // namespace hls::atmosphere
