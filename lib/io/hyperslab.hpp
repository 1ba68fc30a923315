// SPDX-License-Identifier: Apache-2.0
// A rectangular part of an array of any rank, as HDF libraries ask for it.
#pragma once

#include <vector>

namespace hls::io {

// Per dimension the first index and the number of elements. Both empty: the whole array.
struct Hyperslab {
    std::vector<int> start;
    std::vector<int> count;
};

}  // namespace hls::io
