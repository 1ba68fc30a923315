// SPDX-License-Identifier: Apache-2.0
#include "tile/cubic_window.hpp"

#include <algorithm>
#include <cmath>

#include "tile/stored_value.hpp"

namespace hls::tile {
namespace {

double cubic_weight(double distance) noexcept {
    constexpr double a = -1;
    const double d = distance;
    const double d2 = d * d;
    const double d3 = d2 * d;
    if (d < 1) return (a + 2) * d3 - (a + 3) * d2 + 1;
    return d <= 2 ? a * (d3 - 5 * d2 + 8 * d - 4) : 0;
}

}  // namespace

int first_cubic_tap(double position) noexcept {
    return static_cast<int>(std::floor(position + 0.5)) - 2;
}

CubicTaps cubic_taps(double position) noexcept {
    CubicTaps taps;
    taps.first = first_cubic_tap(position);
    for (int i = 0; i < 4; ++i)
        taps.weights[static_cast<std::size_t>(i)] =
            cubic_weight(std::abs(position - (taps.first + i + 0.5)));
    return taps;
}

std::int16_t cubic_value(const std::int16_t* corner, std::ptrdiff_t stride,
                         const std::array<double, 4>& row_weights,
                         const std::array<double, 4>& col_weights) noexcept {
    double sum = 0;
    for (const double row_weight : row_weights) {
        const double along = col_weights[0] * corner[0] + col_weights[1] * corner[1] +
                             col_weights[2] * corner[2] + col_weights[3] * corner[3];
        sum += row_weight * along;
        corner += stride;
    }
    return truncate(sum);
}

void cubic_corner_row(const std::array<const std::int16_t*, 4>& rows,
                      std::span<std::int32_t> scratch, std::span<std::int16_t> out) noexcept {
    const auto [r0, r1, r2, r3] = rows;
    for (std::size_t i = 0; i < scratch.size(); ++i)
        scratch[i] = 5 * (r1[i] + r2[i]) - (r0[i] + r3[i]);
    const std::int32_t* t = scratch.data();
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::int32_t sum = 5 * (t[i + 1] + t[i + 2]) - (t[i] + t[i + 3]);
        out[i] = static_cast<std::int16_t>(std::clamp(sum / 64, -32768, 32767));
    }
}

}  // namespace hls::tile
