// SPDX-License-Identifier: Apache-2.0
// How land reflects in one band relative to another: the law the surface obeys and the ratio map
// tells (lasrc.md 1.5, 7.2-7.4).
#pragma once

#include "geo/utm.hpp"

namespace hls::simulate {

struct Line {
    double slope, intercept;

    double operator()(double ndwi) const noexcept { return slope * ndwi + intercept; }
};

// Reflectance of coastal (B1), blue (B2) and SWIR2 (B7) over that of red, as functions of
// ndwi = (NIR - 0.5 SWIR2) / (NIR + 0.5 SWIR2).
struct RatioLaw {
    Line coastal, blue, swir2;
};

// Over all land ndwi stays within mean +- 2 deviations, where the law holds.
inline constexpr double kNdwiMean = 0.55;
inline constexpr double kNdwiDeviation = 0.22;

// Changes slowly from place to place, by some percent over a few degrees.
RatioLaw ratio_law_at(geo::LonLat place) noexcept;

}  // namespace hls::simulate
