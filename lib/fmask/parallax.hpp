// SPDX-License-Identifier: Apache-2.0
// Cloud displacement index: near-infrared bands of Sentinel-2 look along slightly different paths,
// so that clouds, and nothing on the ground, sit at different places in them (Frantz et al. 2018).
#pragma once

#include <cstdint>

#include "core/view2d.hpp"
#include "fmask/bit_plane.hpp"

namespace hls::fmask {

struct Parallax {
    BitPlane strong;  // index < -0.8: cloud, not a bright roof
    BitPlane some;    // index < -0.5
};

// From B07/B8A and B08/B8A (1e-4): (V7 - V8) / (V7 + V8) of the variances V in 7 x 7 pixels, exact.
Parallax find_parallax(View2D<const std::uint16_t> ratio7, View2D<const std::uint16_t> ratio8,
                       int threads);

}  // namespace hls::fmask
