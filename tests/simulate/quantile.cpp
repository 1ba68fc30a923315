// SPDX-License-Identifier: Apache-2.0
#include "simulate/quantile.hpp"

#include <algorithm>
#include <vector>

namespace hls::simulate {

double upper_quantile(int rows, int cols, double fraction,
                      const std::function<double(int, int)>& value) {
    constexpr int kSamples = 160;  // per side
    const int row_step = std::max(1, rows / kSamples);
    const int col_step = std::max(1, cols / kSamples);
    std::vector<double> values;
    for (int row = row_step / 2; row < rows; row += row_step)
        for (int col = col_step / 2; col < cols; col += col_step) values.push_back(value(row, col));
    const auto last = static_cast<double>(values.size() - 1);
    const auto at = values.begin() + static_cast<std::ptrdiff_t>((1 - fraction) * last);
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

}  // namespace hls::simulate
