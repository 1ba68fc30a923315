// SPDX-License-Identifier: Apache-2.0
// One row of 30 m pixels from Sentinel-2 rows of 10, 20 or 60 m (tiling.md 3.9): exact in integers.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/view2d.hpp"

namespace hls::tile {

// Mean of 3 x 3, rounded half up; fill if one is fill. Each row has 3 * out.size() pixels.
void mean_of_10m(const std::array<const std::int16_t*, 3>& rows,
                 std::span<std::int16_t> out) noexcept;

// A 30 m pixel covers 1 and a half pixels of 20 m along each axis: one in full, half of another.
// Fill if one of the four is fill. `whole` is the row covered in full, `half` the other one; both
// have 3 pixels for every 2 of `out`, whose size is even.
void mean_of_20m(const std::int16_t* whole, const std::int16_t* half,
                 std::span<std::int16_t> out) noexcept;

// Rows of 20 m under row `row` of 30 m.
struct RowPair20m {
    int whole = 0;
    int half = 0;
};
RowPair20m rows_of_20m(int row) noexcept;

// Each pixel of 60 m twice.
void repeat_60m(const std::int16_t* row, std::span<std::int16_t> out) noexcept;

// Mask: no data if one of 3 x 3 is; else all bits of any, and the highest aerosol level.
void merge_mask_10m(const std::array<const std::uint8_t*, 3>& rows,
                    std::span<std::uint8_t> out) noexcept;

}  // namespace hls::tile
