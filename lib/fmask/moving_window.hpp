// SPDX-License-Identifier: Apache-2.0
// Exact sums of values and of their squares in a square window that moves over a plane: a few
// additions per pixel whatever its size.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/view2d.hpp"

namespace hls::fmask {

struct WindowSums {
    std::int64_t value = 0;
    std::int64_t square = 0;
    std::int64_t count = 0;  // pixels of the window that lie in the plane

    // count^2 times the variance (with n in its denominator), exact.
    std::int64_t scaled_variance() const { return count * square - value * value; }
};

// The window reaches `reach` rows and columns to every side; beyond the edge there is nothing.
class MovingWindow {
 public:
    MovingWindow(View2D<const std::uint16_t> plane, int reach, int first_row)
        : plane_(plane),
          reach_(reach),
          row_(first_row),
          columns_(static_cast<std::size_t>(plane.cols())) {
        for (int r = first_row - reach; r <= first_row + reach; ++r) add_row(r, 1);
    }

    // To the same or a later row.
    void go_to(int row) {
        for (; row_ < row; ++row_) {
            add_row(row_ - reach_, -1);
            add_row(row_ + reach_ + 1, 1);
        }
    }

    // visit(column, const WindowSums&) along the current row.
    template <typename Visit>
    void scan(Visit visit) const {
        const int cols = plane_.cols();
        const int height =
            std::min(row_ + reach_, plane_.rows() - 1) - std::max(row_ - reach_, 0) + 1;
        WindowSums sums;
        for (int c = 0; c < std::min(reach_, cols); ++c) add(sums, c, 1);
        for (int c = 0; c < cols; ++c) {
            if (c + reach_ < cols) add(sums, c + reach_, 1);
            if (c - reach_ - 1 >= 0) add(sums, c - reach_ - 1, -1);
            const int width = std::min(c + reach_, cols - 1) - std::max(c - reach_, 0) + 1;
            sums.count = std::int64_t{height} * width;
            visit(c, sums);
        }
    }

 private:
    struct Column {
        std::int64_t value = 0;
        std::int64_t square = 0;
    };

    void add(WindowSums& sums, int col, std::int64_t sign) const {
        const Column& column = columns_[static_cast<std::size_t>(col)];
        sums.value += sign * column.value;
        sums.square += sign * column.square;
    }

    void add_row(int row, std::int64_t sign) {
        if (row < 0 || row >= plane_.rows()) return;
        const auto values = plane_.row(row);
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            const std::int64_t v = values[c];
            columns_[c].value += sign * v;
            columns_[c].square += sign * v * v;
        }
    }

    View2D<const std::uint16_t> plane_;
    int reach_;
    int row_;
    std::vector<Column> columns_;
};

}  // namespace hls::fmask
