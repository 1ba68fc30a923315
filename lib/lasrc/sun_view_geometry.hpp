// SPDX-License-Identifier: Apache-2.0
// Directions of sun and sensor, one set for a scene, with the cosines everything needs.
#pragma once

#include <cmath>

namespace hls::lasrc {

inline constexpr double kDegToRad = 0.017453293;  // LaSRC's own digits (lasrc.md 0)
inline constexpr double kRadToDeg = 57.29577951;

struct SunViewGeometry {
    float sun_zenith_deg;
    float view_zenith_deg;
    float relative_azimuth_deg;  // 0 = sun and sensor on the same side
    float cos_sun;
    float cos_view;
    float cos_azimuth;

    static SunViewGeometry of(float sun_zenith, float view_zenith, float relative_azimuth) {
        const auto cosine = [](float deg) {
            return static_cast<float>(std::cos(static_cast<double>(deg) * kDegToRad));
        };
        return {sun_zenith,         view_zenith,         relative_azimuth,
                cosine(sun_zenith), cosine(view_zenith), cosine(relative_azimuth)};
    }
};

}  // namespace hls::lasrc
