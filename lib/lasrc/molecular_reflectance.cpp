// SPDX-License-Identifier: Apache-2.0
#include "lasrc/molecular_reflectance.hpp"

#include <array>

namespace hls::lasrc {
namespace {

constexpr float kAnisotropy = .958725777f;  // phase function weight for depolarisation .0279

struct Line {
    float constant, slope;
    float at(float log_tau) const { return constant + slope * log_tau; }
};
constexpr std::array<Line, 5> kMeanTerms{{{.33243832f, -.06777104f},
                                          {.1628537f, .001577425f},
                                          {-.30924818f, -.01240906f},
                                          {-.10324388f, .03241678f},
                                          {.11493334f, -.03503695f}}};
constexpr Line kFirstHarmonic{.19666292f, -.05439061f};
constexpr Line kSecondHarmonic{.14545937f, -.02910845f};

}  // namespace

float molecular_reflectance(const SunViewGeometry& geometry, float tau) noexcept {
    const float mus = geometry.cos_sun;
    const float muv = geometry.cos_view;
    const float mus2 = mus * mus;
    const float muv2 = muv * muv;
    const float cos1 = geometry.cos_azimuth;
    const float cos2 = static_cast<float>(
        std::cos(2. * static_cast<double>(geometry.relative_azimuth_deg) * kDegToRad));

    const float sines2 = (1.f - mus2) * (1.f - muv2);
    const float p1 = 1.f + (3.f * mus2 - 1.f) * (3.f * muv2 - 1.f) * kAnisotropy * .125f;
    const float p2 = -mus * muv * std::sqrt(sines2) * kAnisotropy * .75f;
    const float p3 = sines2 * kAnisotropy * .1875f;

    const float single = (1.f - std::exp(-tau * (1.f / mus + 1.f / muv))) / (4.f * (mus + muv));
    const float multiple = (1.f - std::exp(-tau / mus)) * (1.f - std::exp(-tau / muv));
    const float log_tau = std::log(tau);
    const std::array<float, 5> cosines{1.f, mus + muv, mus * muv, mus2 + muv2, mus2 * muv2};
    float mean = 0.f;
    for (std::size_t i = 0; i < cosines.size(); ++i) mean += kMeanTerms[i].at(log_tau) * cosines[i];

    const float order0 = p1 * (single + multiple * mean);
    const float order1 = -cos1 * p2 * (single + multiple * kFirstHarmonic.at(log_tau));
    const float order2 = cos2 * p3 * (single + multiple * kSecondHarmonic.at(log_tau));
    return order0 + 2.f * (order1 + order2);
}

}  // namespace hls::lasrc
