// SPDX-License-Identifier: Apache-2.0
// Work over rows in strips on several threads, and sums that do not depend on how it is cut.
#pragma once

#include <algorithm>
#include <cstddef>

#include "core/parallel.hpp"

namespace hls::fmask {

constexpr int kStripRows = 64;

// Calls body(first_row, end_row) for strips that together cover [0, rows).
template <typename Body>
void for_row_strips(int rows, int threads, Body body) {
    const int strips = (rows + kStripRows - 1) / kStripRows;
    parallel_for(static_cast<std::size_t>(strips), threads, [&](std::size_t i) {
        const int first = static_cast<int>(i) * kStripRows;
        body(first, std::min(first + kStripRows, rows));
    });
}

// As for_row_strips, with `parts` longer strips, each body(part, first_row, end_row): for sums that
// are kept per part and added afterwards, such as histograms.
template <typename Body>
void for_row_parts(int rows, int parts, int threads, Body body) {
    parallel_for(static_cast<std::size_t>(parts), threads, [&](std::size_t i) {
        const auto edge = [&](std::size_t part) {
            return static_cast<int>(static_cast<std::size_t>(rows) * part /
                                    static_cast<std::size_t>(parts));
        };
        body(i, edge(i), edge(i + 1));
    });
}

}  // namespace hls::fmask
