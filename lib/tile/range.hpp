// SPDX-License-Identifier: Apache-2.0
// Half-open ranges of rows and columns, and rows shared among threads.
#pragma once

#include <algorithm>

#include "core/parallel.hpp"

namespace hls::tile {

struct Range {
    int first = 0;
    int end = 0;

    bool empty() const { return end <= first; }
    int size() const { return empty() ? 0 : end - first; }
    bool operator==(const Range&) const = default;
};

inline Range intersection(Range a, Range b) {
    return {std::max(a.first, b.first), std::min(a.end, b.end)};
}

// By `by` on both sides, but not beyond [0, limit).
inline Range widened(Range range, int by, int limit) {
    return intersection({range.first - by, range.end + by}, {0, limit});
}

// Tasks of neighbouring rows: long enough to pay for their scratch memory, short enough to share
// a strip evenly.
inline constexpr int kRowsPerTask = 8;

inline int task_count(int rows) {
    return (rows + kRowsPerTask - 1) / kRowsPerTask;
}

// body(rows, task) for all of [0, rows), in parallel.
template <typename Body>
void parallel_rows(int rows, int threads, Body body) {
    parallel_for(static_cast<std::size_t>(task_count(rows)), threads, [&](std::size_t task) {
        const int first = static_cast<int>(task) * kRowsPerTask;
        body(Range{first, std::min(rows, first + kRowsPerTask)}, task);
    });
}

}  // namespace hls::tile
