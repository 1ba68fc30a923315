// SPDX-License-Identifier: Apache-2.0
// The spectral constants of the corrected bands of OLI and MSI, as LaSRC defines them.
#pragma once

#include <span>
#include <string_view>

namespace hls::atmosphere {

enum class Sensor { oli, msi };

std::string_view sensor_name(Sensor sensor);  // "oli", "msi"

// Gas transmission for air mass m, ozone u (cm-atm), water vapour w (g/cm2) and p = P/1013:
// ozone exp(oz m u), water exp(-wv_a (m w)^wv_b), other gases exp(-og_a1 p m^exp(-(og_b0+og_b1
// p))). Source: lasrc.md 0.1 and 4.6.
struct BandConstants {
    std::string_view name;  // "1".."8" (OLI, 8 = pan), "1".."8","8a","9".."12" (MSI)
    float angstrom_um;      // wavelength in LaSRC's Angstrom law; OLI 3 is .585, a known oddity
    float tau_rayleigh;     // at 1013 hPa
    double oz, wv_a, wv_b, og_a1, og_b0, og_b1;
};

// OLI: 8 rows, MSI: 13 rows, in the order of the official tables.
std::span<const BandConstants> band_constants(Sensor sensor);

}  // namespace hls::atmosphere
