// SPDX-License-Identifier: Apache-2.0
// Numbers as the published products write them.
#pragma once

#include <string>

namespace hls::product {

// GeoTIFF tags: at most 15 significant digits, "36.0643519447696", "-1099980".
std::string tag_number(double value);

// CMR XML: rounded to 8 decimals, always with a point, "36.06435194", "30.0".
std::string cmr_number(double value);

double rounded_to_8_decimals(double value) noexcept;

}  // namespace hls::product
