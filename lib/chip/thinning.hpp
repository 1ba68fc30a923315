// SPDX-License-Identifier: Apache-2.0
// Fields a hundred metres apart give nearly the same chip: keeps windows that overlap little.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "chip/window.hpp"

namespace hls::chip {

// Greedy in the order of the calls. The result depends on that order alone, so one place must make
// the whole choice.
class Thinning {
 public:
    // `max_iou` in [0, 1]: largest intersection over union of two windows; 1 keeps all.
    Thinning(int size_px, double max_iou) : size_px_(size_px), max_iou_(max_iou) {}

    // True, and remembered, if the window overlaps none that was kept before too much.
    bool keep(const ChipWindow& window);

 private:
    // Buckets as wide as a window: only nine of them can hold one that overlaps.
    using Bucket = std::tuple<std::string, int, int>;

    int size_px_;
    double max_iou_;
    std::map<Bucket, std::vector<ChipWindow>> kept_;
};

}  // namespace hls::chip
