// SPDX-License-Identifier: Apache-2.0
#include "fmask/parallax.hpp"

#include <algorithm>
#include <vector>

#include "fmask/moving_window.hpp"
#include "fmask/row_strips.hpp"

namespace hls::fmask {
namespace {

constexpr int kReach = 3;

// Rows [kept_from, end) of `window`, then those of `more`.
Plane<std::uint16_t> joined(const Plane<std::uint16_t>& window, int kept_from,
                            View2D<const std::uint16_t> more) {
    const int kept = window.rows() - kept_from;
    Plane<std::uint16_t> out(kept + more.rows(), more.cols());
    for (int r = 0; r < kept; ++r) {
        const auto row = window.row(kept_from + r);
        std::copy(row.begin(), row.end(), out.row(r).begin());
    }
    for (int r = 0; r < more.rows(); ++r) {
        const auto row = more.row(r);
        std::copy(row.begin(), row.end(), out.row(kept + r).begin());
    }
    return out;
}

}  // namespace

ParallaxFinder::ParallaxFinder(int rows, int cols)
    : found_{BitPlane(rows, cols), BitPlane(rows, cols)} {}

void ParallaxFinder::add(View2D<const std::uint16_t> ratio7, View2D<const std::uint16_t> ratio8,
                         int threads) {
    const int old_first = added_ - window7_.rows();
    const int needed_from = std::max(judged_ - kReach, 0);
    window7_ = joined(window7_, needed_from - old_first, ratio7);
    window8_ = joined(window8_, needed_from - old_first, ratio8);
    added_ += ratio7.rows();
    const bool last = added_ == found_.some.rows();
    const int end = last ? added_ : std::max(added_ - kReach, judged_);
    const int from = judged_;
    for_row_strips(end - from, threads, [&](int first, int strip_end) {
        judge_rows(from + first, from + strip_end, needed_from);
    });
    judged_ = end;
}

void ParallaxFinder::judge_rows(int first, int end, int window_first) {
    const auto cols = static_cast<std::size_t>(window7_.cols());
    MovingWindow moving7(std::as_const(window7_).view(), kReach, first - window_first);
    MovingWindow moving8(std::as_const(window8_).view(), kReach, first - window_first);
    std::vector<std::int64_t> variance7(cols);
    std::vector<std::uint8_t> strong(cols), some(cols);
    for (int r = first; r < end; ++r) {
        moving7.go_to(r - window_first);
        moving8.go_to(r - window_first);
        moving7.scan([&](int c, const WindowSums& sums) {
            variance7[static_cast<std::size_t>(c)] = sums.scaled_variance();
        });
        moving8.scan([&](int c, const WindowSums& sums) {
            const auto i = static_cast<std::size_t>(c);
            const std::int64_t more = sums.scaled_variance() - variance7[i];
            const std::int64_t both = sums.scaled_variance() + variance7[i];
            strong[i] = 10 * more > 8 * both;
            some[i] = 2 * more > both;
        });
        pack_row(strong, found_.strong.row(r));
        pack_row(some, found_.some.row(r));
    }
}

}  // namespace hls::fmask
