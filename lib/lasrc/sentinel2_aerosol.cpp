// SPDX-License-Identifier: Apache-2.0
#include "lasrc/sentinel2_aerosol.hpp"

#include <algorithm>
#include <array>

#include "core/cancel.hpp"
#include "core/parallel.hpp"

namespace hls::lasrc {
namespace {

constexpr int kStep = kSentinel2Window;
constexpr int kReach = 12;  // of failed window corners, in pixels

// The in-place scan of lasrc.md 9.1, by the last pixel that writes to each pixel ("writer"): the
// nearest valid one to the left in its line, else in the nearest line above. Rows of the plane hold
// results up to the line at hand and window values below it, so a writer's lower neighbours are
// what they were, and its right one is what the lines above left ("before").
class Smoother {
 public:
    Smoother(Sentinel2Aerosol& aerosol, bool fill_as_zero)
        : field_(aerosol), fill_as_zero_(fill_as_zero) {
        for (auto& row : before_) row.resize(static_cast<std::size_t>(aerosol.cols));
    }

    void line(int l) {
        for (int s = 0; s < field_.cols; ++s) before(l, s) = value_before_line(l, s);
        for (int s = 0; s < field_.cols; ++s)
            if (valid(l, s)) field_.aot550(l, s) = final_value(l, s);
    }

 private:
    bool valid(int l, int s) const { return (field_.flags(l, s) & kFlagNoData) == 0; }
    float& before(int l, int s) {
        return before_[static_cast<std::size_t>(l % kStep)][static_cast<std::size_t>(s)];
    }
    // A neighbour's value, or the writer's own in place of a fill neighbour.
    float neighbour(float value, int l, int s, float own) const {
        return fill_as_zero_ || valid(l, s) ? value : own;
    }

    // What the writer (pl, ps) gives to (l, s).
    float written(int l, int s, int pl, int ps) {
        const int a = l - pl, b = s - ps;
        const float own = field_.aot550(pl, ps);
        const bool has_right = ps + kStep < field_.cols, has_low = pl + kStep < field_.rows;
        const int rs = has_right ? ps + kStep : ps, ll = has_low ? pl + kStep : pl;
        const float right = has_right ? neighbour(before(pl, rs), pl, rs, own) : own;
        const float low = has_low ? neighbour(field_.aot550(ll, ps), ll, ps, own) : own;
        const float corner = !has_right ? low
                             : !has_low ? right
                                        : neighbour(field_.aot550(ll, rs), ll, rs, own);
        const auto weight = [](int n) { return static_cast<float>(n); };
        return (weight((kStep - a) * (kStep - b)) * own + weight(b * (kStep - a)) * right +
                weight((kStep - b) * a) * low + weight(a * b) * corner) /
               36.f;
    }

    float value_before_line(int l, int s) {
        if (!valid(l, s)) return 0.f;
        if (l > 0 && valid(l - 1, s)) {
            const float own = field_.aot550(l - 1, s);
            if (l + kStep - 1 >= field_.rows) return own;
            const float low = neighbour(field_.aot550(l + kStep - 1, s), l + kStep - 1, s, own);
            return (5.f * own + low) / 6.f;
        }
        for (int i = 1; i < kStep && i <= l; ++i)
            for (int j = 0; j < kStep && j <= s; ++j)
                if (valid(l - i, s - j)) return written(l, s, l - i, s - j);
        return field_.aot550(l, s);
    }

    float final_value(int l, int s) {
        if (s > 0 && valid(l, s - 1)) {
            const float own = field_.aot550(l, s - 1);
            if (s + kStep - 1 >= field_.cols) return own;
            const float right = neighbour(before(l, s + kStep - 1), l, s + kStep - 1, own);
            return (5.f * own + right) / 6.f;
        }
        for (int j = 2; j < kStep && j <= s; ++j)
            if (valid(l, s - j)) return written(l, s, l, s - j);
        return before(l, s);
    }

    Sentinel2Aerosol& field_;
    bool fill_as_zero_;
    std::array<std::vector<float>, kStep> before_;  // of the last six lines
};

// 1 for windows whose corner is marked as failed.
Plane<std::uint8_t> failed_windows(const Sentinel2Aerosol& aerosol) {
    Plane<std::uint8_t> failed(aerosol.window_eps.rows(), aerosol.window_eps.cols());
    for (int r = 0; r < failed.rows(); ++r)
        for (int c = 0; c < failed.cols(); ++c)
            failed(r, c) = (aerosol.flags(r * kStep, c * kStep) & kFlagFailed) != 0 ? 1 : 0;
    return failed;
}

// First and last window whose corner lies within reach of a pixel.
struct WindowRange {
    int first, last;
};
WindowRange windows_in_reach(int pixel, int windows) {
    const int first = (pixel - kReach + kStep - 1 + kReach) / kStep - kReach / kStep;
    return {std::max(0, first), std::min(windows - 1, (pixel + kReach) / kStep)};
}

void widen_failed_row(Sentinel2Aerosol& aerosol, const Plane<std::uint8_t>& failed, int row) {
    const auto rows = windows_in_reach(row, failed.rows());
    std::vector<std::uint8_t> any(static_cast<std::size_t>(failed.cols()));
    for (int r = rows.first; r <= rows.last; ++r)
        for (std::size_t c = 0; c < any.size(); ++c)
            any[c] = static_cast<std::uint8_t>(any[c] | failed.row(r)[c]);
    const auto flags = aerosol.flags.row(row);
    for (int col = 0; col < aerosol.cols; ++col) {
        const auto cols = windows_in_reach(col, failed.cols());
        bool near = false;
        for (int c = cols.first; c <= cols.last; ++c)
            near = near || any[static_cast<std::size_t>(c)] != 0;
        auto& flag = flags[static_cast<std::size_t>(col)];
        if (near && (flag & (kFlagFill | kFlagWater)) == 0)
            flag = static_cast<std::uint8_t>(flag | kFlagFailed);
    }
}

}  // namespace

void Sentinel2Aerosol::eps_row(int row, std::span<float> out) const noexcept {
    const auto windows = window_eps.row(row / kSentinel2Window);
    const auto state = flags.row(row);
    for (std::size_t c = 0; c < out.size(); ++c)
        out[c] = (state[c] & kFlagNoData) != 0 ? 0.f : windows[c / kSentinel2Window];
    if (eps_everywhere) std::fill(out.begin(), out.end(), *eps_everywhere);
    if (fixed_eps.empty()) return;
    auto next = fixed_eps[static_cast<std::size_t>(row)].begin();
    if (next == fixed_eps[static_cast<std::size_t>(row)].end()) return;
    for (std::size_t c = 0; c < out.size(); ++c)
        if ((state[c] & (kFlagFixed | kFlagNoData)) == kFlagFixed) out[c] = *next++;
}

void smooth_aot(Sentinel2Aerosol& aerosol, const Quirks& quirks) {
    aerosol.aot550 = Plane<float>(aerosol.rows, aerosol.cols);
    for (int r = 0; r < aerosol.rows; ++r) {
        const auto windows = aerosol.window_aot550.row(r / kStep);
        const auto state = aerosol.flags.row(r);
        const auto out = aerosol.aot550.row(r);
        for (std::size_t c = 0; c < out.size(); ++c)
            out[c] = (state[c] & kFlagNoData) != 0 ? 0.f : windows[c / kStep];
    }
    Smoother smoother(aerosol, quirks.empty_windows_as_zero);
    for (int r = 0; r < aerosol.rows; ++r) {
        if (r % 256 == 0) throw_if_cancelled();
        smoother.line(r);
    }
}

void widen_failed(Sentinel2Aerosol& aerosol, int threads) {
    const auto failed = failed_windows(aerosol);
    parallel_for(static_cast<std::size_t>(aerosol.rows), threads, [&](std::size_t row) {
        widen_failed_row(aerosol, failed, static_cast<int>(row));
    });
}

}  // namespace hls::lasrc
