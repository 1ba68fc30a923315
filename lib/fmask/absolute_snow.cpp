// SPDX-License-Identifier: Apache-2.0
// Snow fields by the local standard deviation of green, with exact moving sums.
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "fmask/clear_pixels.hpp"
#include "fmask/moving_window.hpp"
#include "fmask/row_strips.hpp"

namespace hls::fmask {
namespace {

constexpr double kWindowReachM = 5000;
constexpr double kLargestIndex = 0.0009;

// Standard deviation (n - 1) in reflectance.
double deviation(const WindowSums& sums) {
    if (sums.count < 2) return 0;
    const auto n = static_cast<double>(sums.count);
    const auto sum = static_cast<double>(sums.value);
    const double squares = static_cast<double>(sums.square) - sum * sum / n;
    return std::sqrt(std::max(squares, 0.) / (n - 1)) / kReflectanceUnit;
}

}  // namespace

void remove_absolute_snow(Surface& surface, double pixel_m, int threads) {
    const int rows = surface.green.rows();
    const int reach = static_cast<int>(kWindowReachM / pixel_m);
    const auto swir1 = surface.swir1.inner();
    // Long parts: a window costs its height in rows to set up.
    const int parts = std::max(1, std::min(threads, rows));
    for_row_parts(rows, parts, threads, [&](std::size_t, int first, int end) {
        MovingWindow window(surface.green.view(), reach, first);
        for (int r = first; r < end; ++r) {
            window.go_to(r);
            window.scan([&](int c, const WindowSums& sums) {
                if (!surface.snow(r, c) || surface.green_saturated(r, c)) return;
                const double green = surface.green(r, c);
                const double sum = green + swir1(r, c);
                const double ndsi = sum == 0 ? 0.01 : (green - swir1(r, c)) / sum;
                if (deviation(sums) * (1 - ndsi) < kLargestIndex)
                    surface.potential_cloud.set(r, c, false);
            });
        }
    });
}

}  // namespace hls::fmask
