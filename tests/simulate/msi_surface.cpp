// SPDX-License-Identifier: Apache-2.0
#include "simulate/msi_surface.hpp"

namespace hls::simulate {
namespace {

// Row of the satellite's bandpass table for each band, -1 for none.
constexpr std::array<int, kMsiBands> kBandpassRow{0, 1, 2, 3, -1, -1, -1, -1, 4, -1, -1, 5, 6};
// OLI's band of the same row, as index into GroundPixel::reflectance.
constexpr std::array<std::size_t, 7> kOliBand{0, 1, 2, 3, 4, 5, 6};

// How far from red (0) to near infrared (1) a band lies, over soil and over leaves.
struct Edge {
    std::size_t band;
    float soil, leaves;
};
constexpr Edge kEdges[] = {
    {4, 0.24f, 0.19f}, {5, 0.40f, 0.72f}, {6, 0.61f, 0.93f}, {7, 0.89f, 0.965f}, {9, 1.f, 0.97f}};

}  // namespace

MsiSpectrum msi_spectrum(const GroundPixel& ground,
                         const granule::Sentinel2Satellite& satellite) noexcept {
    MsiSpectrum spectrum{};
    for (std::size_t band = 0; band < kMsiBands; ++band) {
        const int row = kBandpassRow[band];
        if (row < 0) continue;
        const auto& line = satellite.bandpass[static_cast<std::size_t>(row)];
        const double oli = double(ground.reflectance[kOliBand[static_cast<std::size_t>(row)]]);
        spectrum[band] = static_cast<float>((oli - line.offset) / line.slope);
    }
    const float red = ground.reflectance[3], nir = ground.reflectance[4];
    for (const Edge& edge : kEdges) {
        const float part = edge.soil + ground.green * (edge.leaves - edge.soil);
        spectrum[edge.band] = red + part * (nir - red);
    }
    spectrum[kMsiCirrus] = ground.reflectance[5];
    return spectrum;
}

float adjusted_to_oli(float reflectance, int band,
                      const granule::Sentinel2Satellite& satellite) noexcept {
    const int row = kBandpassRow[static_cast<std::size_t>(band)];
    if (row < 0) return reflectance;
    const auto& line = satellite.bandpass[static_cast<std::size_t>(row)];
    return static_cast<float>(double(reflectance) * line.slope + line.offset);
}

}  // namespace hls::simulate
