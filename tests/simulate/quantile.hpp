// SPDX-License-Identifier: Apache-2.0
// The level that a given fraction of a scene lies above, from a sample of its pixels.
#pragma once

#include <functional>

namespace hls::simulate {

// `value(row, col)` over 0..rows-1, 0..cols-1; `fraction` in (0, 1).
double upper_quantile(int rows, int cols, double fraction,
                      const std::function<double(int, int)>& value);

}  // namespace hls::simulate
