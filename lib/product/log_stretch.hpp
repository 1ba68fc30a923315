// SPDX-License-Identifier: Apache-2.0
// Reflectance to display bytes by logarithm, as HLS browse images and GIBS tiles show it.
#pragma once

#include <cstdint>
#include <vector>

namespace hls::product {

// 255 * ln(v / 100) / ln(7500 / 100), cut to a byte; 7500 and more is 255. v is reflectance * 1e4.
class LogStretch {
 public:
    enum class Dark {
        browse,  // below 100: ln v, at least 1 (tiling.md 5.4); fill 1
        gibs,    // up to 100: 1; 0 and fill: 0 (tiling.md 5.5)
    };
    explicit LogStretch(Dark dark);

    std::uint8_t operator()(std::int16_t value) const noexcept {
        return table_[static_cast<std::uint16_t>(value)];
    }

 private:
    std::vector<std::uint8_t> table_;  // by the bits of the value
};

}  // namespace hls::product
