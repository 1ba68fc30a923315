// SPDX-License-Identifier: Apache-2.0
#include "fmask/objects.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "random_planes.hpp"

namespace hls::fmask {
namespace {

// Numbers objects in the order of their first pixels, by flooding; -1 elsewhere.
Plane<int> flood_labels(const BitPlane& plane, int& count) {
    Plane<int> labels(plane.rows(), plane.cols(), -1);
    count = 0;
    for (int r = 0; r < plane.rows(); ++r)
        for (int c = 0; c < plane.cols(); ++c) {
            if (!plane(r, c) || labels(r, c) >= 0) continue;
            std::vector<std::pair<int, int>> open{{r, c}};
            labels(r, c) = count;
            while (!open.empty()) {
                const auto [y, x] = open.back();
                open.pop_back();
                for (int yy = std::max(y - 1, 0); yy <= std::min(y + 1, plane.rows() - 1); ++yy)
                    for (int xx = std::max(x - 1, 0); xx <= std::min(x + 1, plane.cols() - 1); ++xx)
                        if (plane(yy, xx) && labels(yy, xx) < 0) {
                            labels(yy, xx) = count;
                            open.emplace_back(yy, xx);
                        }
            }
            ++count;
        }
    return labels;
}

TEST(Objects, AreThoseOfAFlood) {
    for (const int percent : {10, 40, 60, 90})
        for (std::uint32_t seed = 0; seed < 10; ++seed) {
            const BitPlane plane = random_bits(50, 131, percent, seed);
            int count = 0;
            const auto labels = flood_labels(plane, count);
            const Objects objects = find_objects(plane);
            ASSERT_EQ(objects.count(), static_cast<std::size_t>(count));
            std::vector<std::int64_t> areas(objects.count());
            for (const fmask::Run& run : objects.runs)
                for (int c = run.first; c < run.end; ++c) {
                    ASSERT_EQ(labels(run.row, c), static_cast<int>(run.object));
                    ++areas[run.object];
                }
            EXPECT_EQ(areas, objects.areas);
            EXPECT_EQ(paint_runs(objects, 50, 131, [](const fmask::Run&) { return true; }), plane);
        }
}

TEST(Objects, RunsOfEachComeTogetherAndInOrder) {
    const Objects objects = find_objects(random_bits(30, 80, 30, 5));
    const RunsByObject sorted = sort_by_object(objects);
    for (std::size_t i = 0; i < objects.count(); ++i) {
        std::int64_t area = 0;
        const fmask::Run* last = nullptr;
        for (const fmask::Run& run : sorted.of(i)) {
            ASSERT_EQ(run.object, i);
            if (last) {
                ASSERT_TRUE(last->row < run.row || (last->row == run.row && last->end < run.first));
            }
            area += run.length();
            last = &run;
        }
        EXPECT_EQ(area, objects.areas[i]);
    }
}

TEST(Objects, NothingHasNone) {
    EXPECT_EQ(find_objects(BitPlane(4, 4)).count(), 0u);
}

}  // namespace
}  // namespace hls::fmask
