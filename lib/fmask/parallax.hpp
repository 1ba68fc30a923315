// SPDX-License-Identifier: Apache-2.0
// Cloud displacement index: near-infrared bands of Sentinel-2 look along slightly different paths,
// so that clouds, and nothing on the ground, sit at different places in them (Frantz et al. 2018).
#pragma once

#include <cstdint>
#include <utility>

#include "core/view2d.hpp"
#include "fmask/bit_plane.hpp"

namespace hls::fmask {

struct Parallax {
    BitPlane strong;  // index < -0.8: cloud, not a bright roof
    BitPlane some;    // index < -0.5
};

// Found from B07/B8A and B08/B8A (1e-4) as rows come in: (V7 - V8) / (V7 + V8) of the variances V
// in 7 x 7 pixels, exact.
class ParallaxFinder {
 public:
    ParallaxFinder(int rows, int cols);

    // The next rows of both ratios; from north to south.
    void add(View2D<const std::uint16_t> ratio7, View2D<const std::uint16_t> ratio8, int threads);
    // Once all rows were added.
    Parallax take() { return std::move(found_); }

 private:
    void judge_rows(int first, int end, int window_first);

    Parallax found_;
    int added_ = 0;                           // rows so far
    int judged_ = 0;                          // of these
    Plane<std::uint16_t> window7_, window8_;  // rows that are still needed, and the new ones
};

}  // namespace hls::fmask
