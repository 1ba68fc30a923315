// SPDX-License-Identifier: Apache-2.0
// A picture of a Level-1 granule for the eye.
#pragma once

#include <filesystem>
#include <string>

namespace hls::simulate {

// Red, green and blue of the product folder's digital numbers as a PNG of at most 1500 pixels on a
// side. Replaces `png`.
void write_granule_picture(const std::filesystem::path& granule, const std::string& product_id,
                           const std::filesystem::path& png);

}  // namespace hls::simulate
