// SPDX-License-Identifier: Apache-2.0
// How to read a granule, where that is not left to the granule itself.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace hls::fmask {

// Angles that replace those of the granule, degrees.
struct AngleOverrides {
    std::optional<double> sun_zenith, sun_azimuth, view_zenith, view_azimuth;
};

// What to do without.
struct Without {
    bool thermal = false;
    bool cirrus = false;
    bool angles = false;    // sun zenith of the scene centre, view from nadir
    bool parallax = false;  // Sentinel-2: bands B07, B08 for the displacement of clouds
};

struct GranuleOptions {
    std::vector<std::string> accept;  // Landsat levels or categories beyond L1TP of T1 or RT
    AngleOverrides angles;
    Without without;
};

// Above this zenith of the sun nothing is made of a granule.
inline constexpr double kHighestSunZenith = 76;

// Throws Error{low_sun} naming the product.
void require_sun(double zenith_deg, const std::string& product_id);

}  // namespace hls::fmask
