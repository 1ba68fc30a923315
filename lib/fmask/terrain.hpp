// SPDX-License-Identifier: Apache-2.0
// What an elevation model says about slopes: where snow is too steep to be cloud, and how bright a
// slope would be were it level.
#pragma once

#include "core/view2d.hpp"
#include "fmask/bit_plane.hpp"
#include "fmask/surface.hpp"

namespace hls::fmask {

// Pixels of `snow` on slopes above 20 degrees.
BitPlane steep_snow(const BitPlane& snow, const Plane<std::int16_t>& elevation_m, double pixel_m,
                    int threads);

// Sun-canopy-sensor correction (Gu & Gillespie 1998) of the bands in which shadows are sought,
// where the cosine of incidence differs from that on level ground by more than 0.05.
void level_illumination(Surface& surface, const Plane<std::int16_t>& elevation_m,
                        const SceneTraits& traits, int threads);

}  // namespace hls::fmask
