// SPDX-License-Identifier: Apache-2.0
#include "chip/thinning.hpp"

namespace hls::chip {

bool Thinning::keep(const ChipWindow& window) {
    if (max_iou_ >= 1) return true;
    const std::string tile = window.tile.id();
    const int col = window.col / size_px_, row = window.row / size_px_;
    for (int r = row - 1; r <= row + 1; ++r)
        for (int c = col - 1; c <= col + 1; ++c) {
            const auto bucket = kept_.find({tile, c, r});
            if (bucket == kept_.end()) continue;
            for (const ChipWindow& other : bucket->second)
                if (overlap(window, other, size_px_) > max_iou_) return false;
        }
    kept_[{tile, col, row}].push_back(window);
    return true;
}

}  // namespace hls::chip
