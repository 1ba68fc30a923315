// SPDX-License-Identifier: Apache-2.0
// Whether a chunk holds nothing but its fill value. Internal to zarr.
#pragma once

#include <cstring>

#include "zarr/object_store.hpp"

namespace hls::zarr {

// Compared bit by bit: -0.0 is not 0.0, and NaN is fill where the fill is that NaN.
inline bool all_fill(ByteView elements, ByteView fill) {
    if (elements.size() < fill.size() || fill.empty()) return false;
    // The first element is the fill, and every byte equals the one an element before it.
    return std::memcmp(elements.data(), fill.data(), fill.size()) == 0 &&
           std::memcmp(elements.data(), elements.data() + fill.size(),
                       elements.size() - fill.size()) == 0;
}

}  // namespace hls::zarr
