// SPDX-License-Identifier: Apache-2.0
#include "fmask/objects.hpp"

#include <numeric>

namespace hls::fmask {
namespace {

// Sets of runs, each known by its earliest run.
class Union {
 public:
    explicit Union(std::vector<std::uint32_t>& parents) : parents_(parents) {}

    std::uint32_t root_of(std::uint32_t i) {
        while (parents_[i] != i) {
            parents_[i] = parents_[parents_[i]];
            i = parents_[i];
        }
        return i;
    }
    void join(std::uint32_t a, std::uint32_t b) {
        a = root_of(a);
        b = root_of(b);
        if (a < b)
            parents_[b] = a;
        else
            parents_[a] = b;
    }

 private:
    std::vector<std::uint32_t>& parents_;
};

std::vector<Run> find_runs(const BitPlane& plane) {
    std::vector<Run> runs;
    for (int r = 0; r < plane.rows(); ++r)
        for_each_run(plane.row(r), [&](int first, int end) {
            runs.push_back({r, first, std::min(end, plane.cols()), 0});
        });
    return runs;
}

// Joins runs of neighbouring rows that share an edge or a corner.
void join_touching(const std::vector<Run>& runs, Union& sets) {
    std::size_t above = 0;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const Run& run = runs[i];
        while (above < i && (runs[above].row < run.row - 1 ||
                             (runs[above].row == run.row - 1 && runs[above].end < run.first)))
            ++above;
        for (std::size_t k = above; k < i && runs[k].row == run.row - 1 && runs[k].first <= run.end;
             ++k)
            sets.join(static_cast<std::uint32_t>(k), static_cast<std::uint32_t>(i));
    }
}

}  // namespace

Objects find_objects(const BitPlane& plane) {
    Objects objects;
    objects.runs = find_runs(plane);
    std::vector<std::uint32_t> parents(objects.runs.size());
    std::iota(parents.begin(), parents.end(), 0u);
    Union sets(parents);
    join_touching(objects.runs, sets);
    for (std::size_t i = 0; i < parents.size(); ++i) {
        const auto root = sets.root_of(static_cast<std::uint32_t>(i));
        Run& run = objects.runs[i];
        if (root == i) {
            run.object = static_cast<std::uint32_t>(objects.areas.size());
            objects.areas.push_back(0);
        } else {
            run.object = objects.runs[root].object;
        }
        objects.areas[run.object] += run.length();
    }
    return objects;
}

RunsByObject sort_by_object(const Objects& objects) {
    RunsByObject sorted;
    sorted.starts.resize(objects.count() + 1);
    for (const Run& run : objects.runs) ++sorted.starts[run.object + 1];
    std::partial_sum(sorted.starts.begin(), sorted.starts.end(), sorted.starts.begin());
    sorted.runs.resize(objects.runs.size());
    auto next = sorted.starts;
    for (const Run& run : objects.runs) sorted.runs[next[run.object]++] = run;
    return sorted;
}

}  // namespace hls::fmask
