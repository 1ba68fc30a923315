// SPDX-License-Identifier: Apache-2.0
// Dark holes in the brightness of the ground: where a shadow may lie (Zhu & Woodcock 2012 eq. 19).
#pragma once

#include <cstdint>

#include "fmask/bit_plane.hpp"
#include "fmask/profile.hpp"
#include "fmask/surface.hpp"

namespace hls::fmask {

// Fills every hole to the lowest level at which it would run over, on 8-connected paths to the
// outside, whose level is `background` (1e-4) all around the image and under pixels that are not
// valid: morphological reconstruction by erosion with a bucket queue (Vincent 1993; Barnes et al.
// 2014), one visit per pixel. Sets the pixels that lie below their fill by more than `depth`.
// Levels are cut at 1.6383, and `background` is put under pixels that are not valid; the band is
// left so.
BitPlane find_holes(RingedPlane& band, const BitPlane& valid, int background,
                    const ShadowDepth& depth);

// Adds to `holes`, which find_holes() found of `band` with some background, what a higher
// `background` makes holes of: every path to the outside passes the background, so a fill is as
// before or it is the background.
void raise_background(BitPlane& holes, const RingedPlane& band, const BitPlane& valid,
                      int background, const ShadowDepth& depth);

}  // namespace hls::fmask
