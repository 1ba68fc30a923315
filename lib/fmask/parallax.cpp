// SPDX-License-Identifier: Apache-2.0
#include "fmask/parallax.hpp"

#include <algorithm>
#include <vector>

#include "fmask/moving_window.hpp"
#include "fmask/row_strips.hpp"

namespace hls::fmask {

Parallax find_parallax(View2D<const std::uint16_t> ratio7, View2D<const std::uint16_t> ratio8,
                       int threads) {
    constexpr int kReach = 3;
    const int rows = ratio7.rows();
    const auto cols = static_cast<std::size_t>(ratio7.cols());
    Parallax found{BitPlane(rows, ratio7.cols()), BitPlane(rows, ratio7.cols())};
    for_row_strips(rows, threads, [&](int first, int end) {
        MovingWindow window7(ratio7, kReach, first);
        MovingWindow window8(ratio8, kReach, first);
        std::vector<std::int64_t> variance7(cols);
        std::vector<std::uint8_t> strong(cols), some(cols);
        for (int r = first; r < end; ++r) {
            window7.go_to(r);
            window8.go_to(r);
            window7.scan([&](int c, const WindowSums& sums) {
                variance7[static_cast<std::size_t>(c)] = sums.scaled_variance();
            });
            window8.scan([&](int c, const WindowSums& sums) {
                const auto i = static_cast<std::size_t>(c);
                const std::int64_t less = sums.scaled_variance() - variance7[i];
                const std::int64_t both = sums.scaled_variance() + variance7[i];
                strong[i] = 10 * less > 8 * both;
                some[i] = 2 * less > both;
            });
            pack_row(strong, found.strong.row(r));
            pack_row(some, found.some.row(r));
        }
    });
    return found;
}

}  // namespace hls::fmask
