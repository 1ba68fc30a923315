// SPDX-License-Identifier: Apache-2.0
// The table of satellites that the build embeds from share/sentinel2/satellites.txt.
#pragma once

#include <string_view>
#include <vector>

#include "granule/sentinel2.hpp"

namespace hls::granule {

std::string_view sentinel2_satellites_text() noexcept;

// Lines of "id name slope offset ..." with seven pairs; '#' starts a comment line. Throws
// Error{bad_input} naming the line.
std::vector<Sentinel2Satellite> parse_sentinel2_satellites(std::string_view text);

}  // namespace hls::granule
