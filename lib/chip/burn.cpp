// SPDX-License-Identifier: Apache-2.0
// Crossings of every row's centre line, sorted and paired.
#include "chip/burn.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace hls::chip {
namespace {

double ring_area(const PixelRing& ring) noexcept {
    double twice = 0;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const PixelPoint &a = ring[i], &b = ring[(i + 1) % ring.size()];
        twice += a.col * b.row - b.col * a.row;
    }
    return std::abs(twice) / 2;
}

// The first pixel whose centre is at or right of `col`.
int first_centre(double col, int cols) noexcept {
    return static_cast<int>(std::clamp(std::ceil(col - 0.5), 0., static_cast<double>(cols)));
}

}  // namespace

void scan_polygon(const std::vector<PixelRing>& rings, int first_row, int end_row, int cols,
                  const std::function<void(int row, int first_col, int end_col)>& fill) {
    if (end_row <= first_row) return;
    std::vector<std::vector<double>> crossings(static_cast<std::size_t>(end_row - first_row));
    for (const PixelRing& ring : rings)
        for (std::size_t i = 0; i < ring.size(); ++i) {
            const PixelPoint &a = ring[i], &b = ring[(i + 1) % ring.size()];
            if (a.row == b.row) continue;
            const PixelPoint &top = a.row < b.row ? a : b, &bottom = a.row < b.row ? b : a;
            // Rows whose centre y has top <= y < bottom: a vertex is crossed once.
            const double low = std::ceil(top.row - 0.5), high = std::ceil(bottom.row - 0.5);
            const int from = static_cast<int>(std::max<double>(low, first_row));
            const int to = static_cast<int>(std::min<double>(high, end_row));
            for (int row = from; row < to; ++row)
                crossings[static_cast<std::size_t>(row - first_row)].push_back(
                    top.col +
                    (row + 0.5 - top.row) * (bottom.col - top.col) / (bottom.row - top.row));
        }
    for (std::size_t r = 0; r < crossings.size(); ++r) {
        auto& line = crossings[r];
        std::ranges::sort(line);
        for (std::size_t i = 0; i + 1 < line.size(); i += 2) {
            const int from = first_centre(line[i], cols), to = first_centre(line[i + 1], cols);
            if (from < to) fill(first_row + static_cast<int>(r), from, to);
        }
    }
}

double polygon_area(const std::vector<PixelRing>& rings) noexcept {
    double area = 0;
    for (std::size_t i = 0; i < rings.size(); ++i) area += (i == 0 ? 1 : -1) * ring_area(rings[i]);
    return area;
}

}  // namespace hls::chip
