// SPDX-License-Identifier: Apache-2.0
// The rows of a layer that are at hand, as a window that moves downwards.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

#include "core/view2d.hpp"
#include "tile/range.hpp"

namespace hls::tile {

// Rows [range.first, range.end) of a layer, moving downwards.
template <typename T>
class MovingRows {
 public:
    MovingRows() = default;
    explicit MovingRows(int cols) : cols_(cols) {}

    // Keeps the rows that both windows share; returns those still to be filled in.
    Range move_to(Range rows);
    std::span<T> row(int r) { return rows_.row(r - range_.first); }
    const T* at(int r, int col) const { return &rows_(r - range_.first, col); }
    std::ptrdiff_t stride() const { return cols_; }

 private:
    int cols_ = 0;
    Range range_;
    Plane<T> rows_;
};

template <typename T>
Range MovingRows<T>::move_to(Range rows) {
    const Range kept{std::max(rows.first, range_.first), std::min(rows.end, range_.end)};
    if (kept.empty()) {
        if (rows_.rows() < rows.size()) rows_ = Plane<T>(rows.size(), cols_);
        range_ = rows;
        return rows;
    }
    Plane<T> grown;
    const bool grows = rows_.rows() < rows.size();
    if (grows) grown = Plane<T>(rows.size(), cols_);
    T* target = (grows ? grown.data() : rows_.data());
    const auto from = rows_.data() + static_cast<std::ptrdiff_t>(kept.first - range_.first) * cols_;
    const auto to = target + static_cast<std::ptrdiff_t>(kept.first - rows.first) * cols_;
    std::copy(from, from + static_cast<std::ptrdiff_t>(kept.size()) * cols_, to);
    if (grows) rows_ = std::move(grown);
    range_ = rows;
    return {kept.end, rows.end};
}

}  // namespace hls::tile
