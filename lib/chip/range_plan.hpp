// SPDX-License-Identifier: Apache-2.0
// Which parts of a file to ask a server for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "io/raster.hpp"

namespace hls::chip {

// At most `most` ranges, ascending and apart, that cover all of `wanted`: blocks closer than
// `least_gap` bytes are one range, and beyond that the smallest gaps are read along. Ranges that
// overlap are joined.
std::vector<io::FileRange> few_ranges(std::vector<io::FileRange> wanted, std::size_t most,
                                      std::uint64_t least_gap);

}  // namespace hls::chip
