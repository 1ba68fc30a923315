// SPDX-License-Identifier: Apache-2.0
// Chance that belongs to a polygon, not to a run: the same key and seed give the same number on
// every machine, in any order.
#pragma once

#include <cstdint>
#include <string_view>

namespace hls::chip {

// Uniform in [0, 1), a multiple of 2^-53: FNV-1a (64 bits) of the seed's eight bytes, least
// significant first, and the key, then the 64-bit finaliser of MurmurHash3.
double draw(std::uint64_t seed, std::string_view key) noexcept;

}  // namespace hls::chip
