// SPDX-License-Identifier: Apache-2.0
#include "fmask/common_height.hpp"

#include <algorithm>
#include <cmath>

namespace hls::fmask {
namespace {

constexpr double kCellM = 15000;  // a region is a cell and those around it
constexpr int kFewest = 5;        // clouds that make a common height
constexpr int kWindow = 2;        // bins to either side that agree

}  // namespace

CommonHeight::CommonHeight(int rows, int cols, double pixel_m)
    : cell_px_(std::max(1, static_cast<int>(kCellM / pixel_m))),
      cells_((rows + cell_px_ - 1) / cell_px_, (cols + cell_px_ - 1) / cell_px_) {}

void CommonHeight::add(int row, int col, double height_m) {
    const int bin = std::clamp(static_cast<int>(std::lround(height_m / kBinM)), 0, kBins - 1);
    ++cells_(row / cell_px_, col / cell_px_).count[static_cast<std::size_t>(bin)];
}

std::optional<double> CommonHeight::at(int row, int col) const {
    std::array<std::int64_t, kBins> count{};
    std::int64_t all = 0;
    for (int r = std::max(row / cell_px_ - 1, 0);
         r <= std::min(row / cell_px_ + 1, cells_.rows() - 1); ++r)
        for (int c = std::max(col / cell_px_ - 1, 0);
             c <= std::min(col / cell_px_ + 1, cells_.cols() - 1); ++c)
            for (std::size_t bin = 0; bin < kBins; ++bin) {
                count[bin] += cells_(r, c).count[bin];
                all += cells_(r, c).count[bin];
            }
    std::int64_t most = 0;
    double mean = 0;
    for (int bin = 0; bin < kBins; ++bin) {
        std::int64_t n = 0, sum = 0;
        for (int k = std::max(bin - kWindow, 0); k <= std::min(bin + kWindow, kBins - 1); ++k) {
            n += count[static_cast<std::size_t>(k)];
            sum += k * count[static_cast<std::size_t>(k)];
        }
        if (n <= most) continue;
        most = n;
        mean = kBinM * static_cast<double>(sum) / static_cast<double>(n);
    }
    if (most < kFewest || 2 * most < all) return std::nullopt;
    return mean;
}

}  // namespace hls::fmask
