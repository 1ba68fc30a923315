// SPDX-License-Identifier: Apache-2.0
// Connected objects of a bit plane as runs of pixels along rows.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "core/view2d.hpp"
#include "fmask/bit_plane.hpp"

namespace hls::fmask {

struct Run {
    std::int32_t row = 0;
    std::int32_t first = 0;  // columns [first, end)
    std::int32_t end = 0;
    std::uint32_t object = 0;  // from 0

    int length() const { return end - first; }
};

struct Objects {
    std::vector<Run> runs;            // from north to south, west to east
    std::vector<std::int64_t> areas;  // pixels, by object

    std::size_t count() const { return areas.size(); }
};

// Objects whose pixels touch at edges or corners, numbered in the order of their first pixels.
Objects find_objects(const BitPlane& plane);

// Runs by object, each object's in scan order: runs of object i are
// span(runs).subspan(starts[i], starts[i + 1] - starts[i]).
struct RunsByObject {
    std::vector<Run> runs;
    std::vector<std::size_t> starts;

    std::span<const Run> of(std::size_t object) const {
        return std::span(runs).subspan(starts[object], starts[object + 1] - starts[object]);
    }
};
RunsByObject sort_by_object(const Objects& objects);

// Sets the pixels of the runs for which keep(run) is true, in an empty plane of that size.
template <typename Keep>
BitPlane paint_runs(const Objects& objects, int rows, int cols, Keep keep) {
    BitPlane plane(rows, cols);
    for (const Run& run : objects.runs) {
        if (!keep(run)) continue;
        const auto row = plane.row(run.row);
        for (int c = run.first; c < run.end;) {
            const int bit = c % 64;
            const int count = std::min(64 - bit, run.end - c);
            const std::uint64_t ones =
                count == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
            row[static_cast<std::size_t>(c / 64)] |= ones << bit;
            c += count;
        }
    }
    return plane;
}

}  // namespace hls::fmask
