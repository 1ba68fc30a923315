// SPDX-License-Identifier: Apache-2.0
// Effective wavelengths of the OLI and Sentinel-2A MSI bands and nodes of the wide blue and NIR
// ones.
#include "atmosphere/spectral_nodes.hpp"

#include <array>
#include <cstddef>
#include <span>

#include "atmosphere/molecules.hpp"
#include "atmosphere/quadrature.hpp"

namespace hls::atmosphere {
namespace {

struct BandPass {
    double effective_um;
    double width_um;  // 0: narrow enough for one wavelength
};

// rt.md 7; pan from its published edges .503-.676, weighted with lambda^-4.
constexpr std::array<BandPass, 8> kOli{{{.44285, 0},
                                        {.48113, .060},
                                        {.55980, 0},
                                        {.65393, 0},
                                        {.86419, 0},
                                        {1.6067, 0},
                                        {2.1930, 0},
                                        {.5789, 0}}};
// Bands 1-8, 8a, 9-12; widths at half maximum.
constexpr std::array<BandPass, 13> kMsi{{{.44257, 0},
                                         {.49061, .066},
                                         {.55924, 0},
                                         {.66412, 0},
                                         {.70403, 0},
                                         {.74045, 0},
                                         {.78255, 0},
                                         {.82719, .106},
                                         {.86451, 0},
                                         {.9450, 0},
                                         {1.3735, 0},
                                         {1.6113, 0},
                                         {2.1955, 0}}};

double standard_depth(double wavelength_um) noexcept {
    return rayleigh_optical_depth(wavelength_um, kStandardPressureHpa);
}

std::vector<SpectralNode> flat_response(double centre_um, double width_um) {
    const GaussRule rule = gauss_legendre(3, centre_um - width_um / 2, centre_um + width_um / 2);
    std::vector<SpectralNode> nodes;
    for (std::size_t i = 0; i < rule.node.size(); ++i)
        nodes.push_back({rule.node[i], rule.weight[i] / width_um, standard_depth(rule.node[i])});
    return nodes;
}

double mean_depth(std::span<const SpectralNode> nodes) noexcept {
    double sum = 0;
    for (const SpectralNode& node : nodes) sum += node.weight * node.tau_rayleigh;
    return sum;
}

}  // namespace

std::string_view wavelength_set_name(WavelengthSet set) {
    return set == WavelengthSet::compat ? "compat" : "srf";
}

std::vector<SpectralNode> spectral_nodes(Sensor sensor, std::size_t band, WavelengthSet set) {
    const BandPass& pass = sensor == Sensor::oli ? kOli.at(band) : kMsi.at(band);
    if (set == WavelengthSet::compat)
        return {{pass.effective_um, 1, band_constants(sensor)[band].tau_rayleigh}};
    if (pass.width_um == 0) return {{pass.effective_um, 1, standard_depth(pass.effective_um)}};
    // The mean depth falls with the centre: bisect.
    double low = pass.effective_um - pass.width_um, high = pass.effective_um + pass.width_um;
    const double wanted = standard_depth(pass.effective_um);
    for (int step = 0; step < 60; ++step) {
        const double middle = (low + high) / 2;
        (mean_depth(flat_response(middle, pass.width_um)) > wanted ? low : high) = middle;
    }
    return flat_response(low, pass.width_um);
}

}  // namespace hls::atmosphere
