// SPDX-License-Identifier: Apache-2.0
#include "simulate/cloud_shade.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace hls::simulate {
namespace {

constexpr int kAround = 8;
// Each ring stands for half of the light on a level surface, by the middles of 0..1/2 and 1/2..1 of
// the squared sine of the zenith angle.
constexpr std::array<double, 2> kRingsDeg{30, 60};

}  // namespace

SkyDome sky_dome(const Clouds& clouds, double x, double y, float elevation_m,
                 double cos_sun) noexcept {
    SkyDome dome;
    if (clouds.empty()) return dome;
    constexpr float kPart = 1.f / (kAround * kRingsDeg.size());
    for (const double zenith : kRingsDeg)
        for (int i = 0; i < kAround; ++i) {
            const Slant line = slant_towards(zenith, (i + 0.5) * 360 / kAround);
            CloudColumn column = clouds.along(x, y, elevation_m, line);
            column[kIce] = {};
            const CloudLight light = light_through(column);
            if (light.tau <= kHaloTau) continue;
            // Transmission goes down and up.
            const float diffuse = std::sqrt(light.transmission) - (1 - shadow_of(column, cos_sun));
            dome.hidden += kPart;
            dome.glow += kPart * std::max(0.f, diffuse);
        }
    return dome;
}

float ground_light(const BandLight& light, const SkyDome& dome, float shadow) noexcept {
    const float sky = 1 - light.direct;
    const float clear = sky + light.direct * light.slope;
    const float lost = light.direct * light.slope + sky * dome.hidden;
    return clear + shadow * (light.colour * dome.glow - lost);
}

float with_surroundings(float ground, float around, float straight, float shadow) noexcept {
    return ground + shadow * (1 - straight) * (around - ground);
}

bool cast_from_outside(const CloudColumn& column, double x, double y, float elevation_m,
                       const Slant& sun, const Slant& view, const MapBox& extent) noexcept {
    const auto thickest =
        std::max_element(column.begin(), column.end(),
                         [](const CloudSample& a, const CloudSample& b) { return a.tau < b.tau; });
    const double up = double(thickest->top_m - elevation_m);
    const double east_m = kPixelM * (x + up * (sun.east - view.east));
    const double north_m = -kPixelM * (y + up * (sun.south - view.south));
    return east_m < extent.west || east_m > extent.east || north_m < extent.south ||
           north_m > extent.north;
}

}  // namespace hls::simulate
