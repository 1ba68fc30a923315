// SPDX-License-Identifier: Apache-2.0
// From Fmask classes to the bits of the Fmask layer: dilation and packing (tiling.md 4).
#pragma once

#include <cstdint>
#include <span>

namespace hls::tile {

namespace fmask {
inline constexpr std::uint8_t kCirrus = 1 << 0;
inline constexpr std::uint8_t kCloud = 1 << 1;
inline constexpr std::uint8_t kAdjacent = 1 << 2;
inline constexpr std::uint8_t kShadow = 1 << 3;
inline constexpr std::uint8_t kSnow = 1 << 4;
inline constexpr std::uint8_t kWater = 1 << 5;
inline constexpr std::uint8_t kClassBits = 0x3F;    // bits 0-5
inline constexpr std::uint8_t kAerosolBits = 0xC0;  // bits 6-7, a level 0..3
// What counts as cloud in cloud_coverage: adjacent pixels do not.
inline constexpr std::uint8_t kCloudy = kCirrus | kCloud | kShadow;
}  // namespace fmask

inline constexpr int kDilation30m = 5;  // half width in pixels on the Landsat grid
inline constexpr int kDilation20m = 7;  // on the Sentinel-2 mask grid

// Classes 0 land, 1 water, 2 shadow, 3 snow, 4 cloud, 5 cirrus; 255 no data.
bool is_fmask_class(std::uint8_t value) noexcept;

// out[i] = 1 if a cloud or shadow lies within `half` pixels of i along the row, else 0.
void spread_seeds(std::span<const std::uint8_t> classes, int half,
                  std::span<std::uint8_t> out) noexcept;

// out[i] |= row[i]: rows spread along the row, joined across rows, make the square window.
void join_rows(std::span<const std::uint8_t> row, std::span<std::uint8_t> out) noexcept;

// `near` says where the square window holds a seed. Such pixels that are no seed themselves and
// have data become "adjacent", whatever they were. `aerosol_qa` is SR_QA_AEROSOL of LaSRC, its bits
// 6-7 the aerosol level. No data stays 255.
void pack_fmask(std::span<const std::uint8_t> classes, std::span<const std::uint8_t> near,
                std::span<const std::uint8_t> aerosol_qa, std::span<std::uint8_t> out) noexcept;

// One value for several pixels: bits 0-5 of any, the highest aerosol level. A no data pixel among
// them makes 255.
inline std::uint8_t merge_fmask(std::uint8_t a, std::uint8_t b) noexcept {
    const auto bits = static_cast<unsigned>(a | b) & fmask::kClassBits;
    const unsigned level_a = a & fmask::kAerosolBits;
    const unsigned level_b = b & fmask::kAerosolBits;
    return static_cast<std::uint8_t>(bits | (level_a > level_b ? level_a : level_b));
}

}  // namespace hls::tile
