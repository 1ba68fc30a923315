// SPDX-License-Identifier: Apache-2.0
#include "product/log_stretch.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "product/layers.hpp"

namespace hls::product {
namespace {

constexpr int kDarkest = 100;
constexpr int kBrightest = 7500;

std::uint8_t stretched(int value) {
    const double low = std::log(kDarkest);
    const double y = 255 * (std::log(value) - low) / (std::log(kBrightest) - low);
    return static_cast<std::uint8_t>(std::clamp(y, 1.0, 255.0));
}

std::uint8_t browse_byte(int value) {
    if (value >= kDarkest) return stretched(value);
    // The reference leaves what is darker as its logarithm: 1 to 4.
    return value < 1 ? std::uint8_t{1} : static_cast<std::uint8_t>(std::max(std::log(value), 1.0));
}

std::uint8_t gibs_byte(int value) {
    if (value == 0 || value == kReflectanceFill) return 0;
    return value <= kDarkest ? std::uint8_t{1} : stretched(value);
}

}  // namespace

LogStretch::LogStretch(Dark dark) : table_(1 << 16) {
    for (int value = INT16_MIN; value <= INT16_MAX; ++value)
        table_[static_cast<std::uint16_t>(value)] =
            dark == Dark::browse ? browse_byte(value) : gibs_byte(value);
}

}  // namespace hls::product
