// SPDX-License-Identifier: Apache-2.0
// The height that clouds of a region have in common: cumulus begin where rising air condenses,
// which hardly changes over tens of kilometres (the neighbours of Zhu & Woodcock 2012, 3.2).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/view2d.hpp"

namespace hls::fmask {

class CommonHeight {
 public:
    static constexpr double kToleranceM = 250;  // by which heights differ that are in common

    CommonHeight(int rows, int cols, double pixel_m);

    // A cloud whose shadow is beyond doubt; the order does not matter.
    void add(int row, int col, double height_m);

    // Above the ground; nothing where too few clouds are known or they do not agree.
    std::optional<double> at(int row, int col) const;

 private:
    static constexpr int kBinM = 100;
    static constexpr int kBins = 121;  // 0..12 km
    struct Cell {
        std::array<std::int32_t, kBins> count{};
    };

    int cell_px_;
    Plane<Cell> cells_;
};

}  // namespace hls::fmask
