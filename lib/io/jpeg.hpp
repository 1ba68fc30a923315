// SPDX-License-Identifier: Apache-2.0
// Colour images for people to look at.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "core/view2d.hpp"

namespace hls::io {

// Writes red, green and blue planes of one size as a baseline JPEG, quality 1..100. Same input,
// same bytes. Throws Error{cannot_create, io_error}.
void write_jpeg(const std::string& path, const std::array<View2D<const std::uint8_t>, 3>& rgb,
                int quality = 75);

}  // namespace hls::io
