// SPDX-License-Identifier: Apache-2.0
// Quantities that change slowly over a scene: known at some pixels, bilinear in between.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "core/view2d.hpp"

namespace hls::simulate {

class CoarseFields {
 public:
    static constexpr int kStep = 16;  // pixels between nodes, unless asked otherwise

    // `evaluate(row, col, values)` fills all `channels` values of one pixel centre; it is called
    // from `threads` threads, also for nodes a little outside of the raster.
    CoarseFields(int rows, int cols, int channels, int threads,
                 const std::function<void(int row, int col, std::span<float> values)>& evaluate,
                 int step = kStep);

    // All channels of one row of pixels: out is [channels][cols].
    void row(int row, View2D<float> out) const;

 private:
    int channels_, step_;
    Plane<float> nodes_;  // [node row x channel][node column]
};

}  // namespace hls::simulate
