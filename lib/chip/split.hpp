// SPDX-License-Identifier: Apache-2.0
// Training, validation and test sets by blocks of land, so that neighbours stay together.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "geo/utm.hpp"

namespace hls::chip {

// Lambert's azimuthal equal area projection of Europe, EPSG:3035 (Snyder 1987, eq. 24-2 ff.).
geo::EastNorth europe_laea(geo::LonLat place) noexcept;

struct SplitRule {
    double block_m = 10000;
    std::array<double, 3> shares{.7, .15, .15};  // train, val, test; sum 1
};

// "block:10000 0.7,0.15,0.15" or without the shares. Throws Error{usage}.
SplitRule parse_split(std::string_view text);
std::string format_split(const SplitRule& rule);

// "train", "val" or "test" of the block that holds the place.
std::string_view split_of(geo::LonLat place, const SplitRule& rule, std::uint64_t seed);

}  // namespace hls::chip
