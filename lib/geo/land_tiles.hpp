// SPDX-License-Identifier: Apache-2.0
// The list of land tiles that the build embeds from share/mgrs/land-tiles.txt.
#pragma once

#include <string_view>

namespace hls::geo {

std::string_view land_tiles_text() noexcept;

}  // namespace hls::geo
