// SPDX-License-Identifier: Apache-2.0
// Smoothing and filling of Sentinel-2 aerosol against the plain definitions of lasrc.md 9.
#include "lasrc/sentinel2_aerosol.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace hls::lasrc {
namespace {

// Random windows: some failed, some water, some without data, alone and in patches.
Sentinel2Aerosol random_aerosol(unsigned seed, int rows, int cols, double failed, bool patch) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform(0, 1);
    Sentinel2Aerosol aerosol(rows, cols);
    for (int r = 0; r < rows; ++r)
        for (int c = 0; c < cols; ++c) {
            const bool hole = uniform(random) < .01 || c > cols - 20 - r / 8;
            if (hole) aerosol.flags(r, c) = kFlagNoData;
        }
    for (int r = 0; r < rows; r += kSentinel2Window)
        for (int c = 0; c < cols; c += kSentinel2Window) {
            auto& flags = aerosol.flags(r, c);
            if ((flags & kFlagNoData) != 0) {
                flags = static_cast<std::uint8_t>(flags | kFlagFill);
                continue;
            }
            const double draw = uniform(random);
            const bool bad = draw < failed || (patch && std::hypot(r - 60, c - 80) < 110);
            flags = bad ? kFlagFailed
                        : static_cast<std::uint8_t>(kFlagValid | (draw > .9 ? kFlagWater : 0));
            const int wr = r / kSentinel2Window, wc = c / kSentinel2Window;
            aerosol.window_aot550(wr, wc) = static_cast<float>(.05 + .5 * uniform(random));
            aerosol.window_eps(wr, wc) = static_cast<float>(1 + 1.5 * uniform(random));
        }
    return aerosol;
}

// The scan as it is written: every pixel writes into the 6 x 6 from it on.
Plane<double> smooth_as_written(const Sentinel2Aerosol& a) {
    Plane<double> t(a.rows, a.cols);
    const auto valid = [&](int r, int c) { return (a.flags(r, c) & kFlagNoData) == 0; };
    for (int r = 0; r < a.rows; ++r)
        for (int c = 0; c < a.cols; ++c)
            t(r, c) = valid(r, c) ? static_cast<double>(a.window_aot550(r / 6, c / 6)) : 0.;
    for (int l = 0; l < a.rows; ++l)
        for (int s = 0; s < a.cols; ++s) {
            if (!valid(l, s)) continue;
            const int low = l + 6 < a.rows ? l + 6 : l, right = s + 6 < a.cols ? s + 6 : s;
            const double own = t(l, s), tr = t(l, right), tl = t(low, s), tc = t(low, right);
            for (int i = 0; i < 6 && l + i < a.rows; ++i)
                for (int j = 0; j < 6 && s + j < a.cols; ++j)
                    if (valid(l + i, s + j))
                        t(l + i, s + j) = ((6 - i) * (6 - j) * own + j * (6 - i) * tr +
                                           (6 - j) * i * tl + i * j * tc) /
                                          36;
        }
    return t;
}

TEST(Sentinel2Aerosol, SmoothsLikeTheScanAsWritten) {
    for (const unsigned seed : {1U, 2U, 3U}) {
        auto aerosol = random_aerosol(seed, 96, 150, .1, false);
        const auto expected = smooth_as_written(aerosol);
        smooth_aot(aerosol, Quirks::keep());
        for (int r = 0; r < aerosol.rows; ++r)
            for (int c = 0; c < aerosol.cols; ++c)
                ASSERT_NEAR(aerosol.aot550(r, c), expected(r, c), 2e-6) << r << " " << c;
    }
}

TEST(Sentinel2Aerosol, WithoutQuirksFillDoesNotPullValuesDown) {
    Sentinel2Aerosol aerosol(36, 36);
    for (auto& aot : aerosol.window_aot550.cells()) aot = .3f;
    for (int r = 0; r < 36; ++r)
        for (int c = 20; c < 36; ++c) aerosol.flags(r, c) = kFlagNoData;
    auto kept = aerosol;
    smooth_aot(kept, Quirks::keep());
    EXPECT_LT(kept.aot550(10, 18), .2f);
    smooth_aot(aerosol, Quirks::fix());
    EXPECT_NEAR(aerosol.aot550(10, 18), .3f, 1e-6);
}

TEST(Sentinel2Aerosol, WidensFailureByTwelvePixels) {
    Sentinel2Aerosol aerosol(60, 60);
    aerosol.flags(24, 30) = kFlagFailed;
    aerosol.flags(30, 36) = kFlagValid | kFlagWater;
    aerosol.flags(18, 24) = kFlagFill | kFlagNoData;
    aerosol.flags(24, 24) = kFlagValid;
    widen_failed(aerosol, 2);
    for (int r = 0; r < 60; ++r)
        for (int c = 0; c < 60; ++c) {
            const bool near = std::abs(r - 24) <= 12 && std::abs(c - 30) <= 12;
            const bool spared = (r == 30 && c == 36) || (r == 18 && c == 24);
            EXPECT_EQ((aerosol.flags(r, c) & kFlagFailed) != 0, near && !spared) << r << " " << c;
        }
    EXPECT_EQ(aerosol.flags(24, 24), kFlagValid | kFlagFailed);
}

// The averages as they are written: sums over the window of every pixel, in passes.
struct PlainAverages {
    explicit PlainAverages(const Sentinel2Aerosol& a) : aerosol(a) {
        Plane<float> eps(a.rows, a.cols);
        for (int r = 0; r < a.rows; ++r) a.eps_row(r, eps.row(r));
        aot = mean_of([&](int r, int c) { return static_cast<double>(a.aot550(r, c)); });
        eps_mean = mean_of([&](int r, int c) { return static_cast<double>(eps(r, c)); });
    }

    template <typename Value>
    Plane<double> mean_of(Value value) const {
        const auto& a = aerosol;
        Plane<double> mean(a.rows, a.cols, NAN);
        const auto has_data = [&](int r, int c) { return (a.flags(r, c) & kFlagNoData) == 0; };
        const auto window = [&](int r, int c, auto used, auto of) {
            double sum = 0;
            int n = 0;
            for (int i = std::max(0, r - 30); i <= std::min(a.rows - 1, r + 30); ++i)
                for (int j = std::max(0, c - 30); j <= std::min(a.cols - 1, c + 30); ++j)
                    if (used(i, j)) {
                        sum += of(i, j);
                        ++n;
                    }
            return std::pair(n, sum / n);
        };
        const auto good = [&](int r, int c) {
            return (a.flags(r, c) & (kFlagFill | kFlagFailed)) == 0;
        };
        for (int r = 0; r < a.rows; ++r)
            for (int c = 0; c < a.cols; ++c) {
                if (!has_data(r, c)) continue;
                const auto [n, m] = window(r, c, good, value);
                if (n > 20) mean(r, c) = m;
            }
        const auto made = [&](int r, int c) { return !std::isnan(mean(r, c)); };
        for (bool again = true; again;) {
            again = false;
            for (int r = 0; r < a.rows; ++r)
                for (int c = 0; c < a.cols; ++c) {
                    if (!has_data(r, c) || made(r, c)) continue;
                    const auto [n, m] =
                        window(r, c, made, [&](int i, int j) { return mean(i, j); });
                    if (n > 0) mean(r, c) = m;
                    again = again || n == 0;
                }
        }
        return mean;
    }

    const Sentinel2Aerosol& aerosol;
    Plane<double> aot, eps_mean;
};

TEST(Sentinel2Aerosol, FillsFailuresLikeTheAveragesAsWritten) {
    for (const unsigned seed : {4U, 5U}) {
        auto aerosol = random_aerosol(seed, 168, 204, .02, true);
        smooth_aot(aerosol, Quirks::keep());
        widen_failed(aerosol, 1);
        const auto before = aerosol;
        const PlainAverages plain(before);
        fill_failed(aerosol, 2);
        std::vector<float> eps(static_cast<std::size_t>(aerosol.cols));
        int fixed = 0;
        for (int r = 0; r < aerosol.rows; ++r) {
            aerosol.eps_row(r, eps);
            for (int c = 0; c < aerosol.cols; ++c) {
                const auto flags = before.flags(r, c);
                const bool target =
                    (flags & (kFlagFailed | kFlagNoData | kFlagFill)) == kFlagFailed;
                if (!target) {
                    ASSERT_EQ(aerosol.aot550(r, c), before.aot550(r, c));
                    continue;
                }
                ++fixed;
                ASSERT_NEAR(aerosol.aot550(r, c), plain.aot(r, c), 2e-6) << r << " " << c;
                ASSERT_NEAR(eps[static_cast<std::size_t>(c)], plain.eps_mean(r, c), 2e-6);
                ASSERT_NE(aerosol.flags(r, c) & kFlagFixed, 0);
            }
        }
        EXPECT_GT(fixed, 5000);
    }
}

TEST(Sentinel2Aerosol, TheNumberOfThreadsDoesNotMatter) {
    const auto fill = [](int threads) {
        auto aerosol = random_aerosol(6, 600, 150, .05, true);
        smooth_aot(aerosol, Quirks::keep());
        widen_failed(aerosol, threads);
        fill_failed(aerosol, threads);
        return aerosol;
    };
    const auto one = fill(1), five = fill(5);
    EXPECT_EQ(one.aot550.cells(), five.aot550.cells());
    EXPECT_EQ(one.fixed_eps, five.fixed_eps);
    EXPECT_EQ(one.flags.cells(), five.flags.cells());
}

TEST(Sentinel2Aerosol, FallsBackToTheClimatologyWhereAllFailed) {
    Sentinel2Aerosol aerosol(60, 60);
    for (int r = 0; r < 60; r += 6)
        for (int c = 0; c < 60; c += 6) aerosol.flags(r, c) = kFlagFailed;
    smooth_aot(aerosol, Quirks::keep());
    widen_failed(aerosol, 1);
    fill_failed(aerosol, 1);
    std::vector<float> eps(60);
    aerosol.eps_row(31, eps);
    EXPECT_EQ(aerosol.aot550(31, 17), .05f);
    EXPECT_EQ(eps[17], 1.5f);
    EXPECT_EQ(aerosol.flags(31, 17) & kFlagFixed, 0);
}

}  // namespace
}  // namespace hls::lasrc
