// SPDX-License-Identifier: Apache-2.0
// Growing and shrinking of bit planes by squares and disks, and the majority of 3 x 3 pixels.
#pragma once

#include "fmask/bit_plane.hpp"

namespace hls::fmask {

// Set where any pixel within `radius` rows and columns is set.
BitPlane dilate_square(const BitPlane& plane, int radius, int threads);

// Set where all pixels with dx^2 + dy^2 <= radius^2 are set; beyond the edge all are.
BitPlane erode_disk(const BitPlane& plane, int radius, int threads);

// Set where any pixel with dx^2 + dy^2 <= radius^2 is set.
BitPlane dilate_disk(const BitPlane& plane, int radius, int threads);

// Set where at least 5 of the 9 pixels around and including it are set; beyond the edge a row or
// column repeats.
BitPlane majority_of_nine(const BitPlane& plane, int threads);

}  // namespace hls::fmask
