// SPDX-License-Identifier: Apache-2.0
// What land should look like at a place: reflectance of coastal, blue and SWIR2 as multiples of
// red, from the band-ratio climatology and a vegetation index of the pixel (lasrc.md 7.1-7.4).
#pragma once

#include "ancillary/ancillary.hpp"

namespace hls::lasrc {

// Multiples of red reflectance.
struct ExpectedRatios {
    float coastal, blue, swir2;
};

// (NIR - SWIR2/2) / (NIR + SWIR2/2) of surface reflectance. Not finite if the denominator is 0.
float water_index(float nir, float swir2) noexcept;

// Ratios interpolated between the four cells around the point, for an index limited to what is
// usual in the cell that holds it.
ExpectedRatios expected_ratios(const ancillary::Ancillary& ancillary, ancillary::GeoPoint place,
                               float index) noexcept;

}  // namespace hls::lasrc
