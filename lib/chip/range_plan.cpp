// SPDX-License-Identifier: Apache-2.0
#include "chip/range_plan.hpp"

#include <algorithm>

namespace hls::chip {
namespace {

std::uint64_t end_of(const io::FileRange& range) {
    return range.first + range.bytes;
}

}  // namespace

std::vector<io::FileRange> few_ranges(std::vector<io::FileRange> wanted, std::size_t most,
                                      std::uint64_t least_gap) {
    std::ranges::sort(wanted, {}, &io::FileRange::first);
    std::vector<io::FileRange> apart;
    for (const io::FileRange& range : wanted) {
        if (apart.empty() || range.first > end_of(apart.back()) + least_gap)
            apart.push_back(range);
        else
            apart.back().bytes = std::max(end_of(apart.back()), end_of(range)) - apart.back().first;
    }
    if (apart.size() <= most) return apart;
    // The widest gaps stay, one fewer than ranges.
    std::vector<std::uint64_t> gaps;
    for (std::size_t i = 1; i < apart.size(); ++i)
        gaps.push_back(apart[i].first - end_of(apart[i - 1]));
    std::vector<std::size_t> order(gaps.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::stable_sort(order, [&](auto a, auto b) { return gaps[a] > gaps[b]; });
    order.resize(most > 0 ? most - 1 : 0);
    std::ranges::sort(order);
    std::vector<io::FileRange> few;
    std::size_t first = 0;
    const auto close = [&](std::size_t last) {
        few.push_back({apart[first].first, end_of(apart[last]) - apart[first].first});
        first = last + 1;
    };
    for (const std::size_t gap : order) close(gap);
    close(apart.size() - 1);
    return few;
}

}  // namespace hls::chip
