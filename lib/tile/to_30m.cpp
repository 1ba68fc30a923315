// SPDX-License-Identifier: Apache-2.0
#include "tile/to_30m.hpp"

#include <cstddef>

#include "tile/fmask_bits.hpp"
#include "tile/stored_value.hpp"

namespace hls::tile {
namespace {

// sum / 9 rounded half up; no tie can occur. The shift makes the dividend positive.
std::int16_t ninth(int sum) noexcept {
    constexpr int kShift = 32769;
    return static_cast<std::int16_t>(static_cast<unsigned>(2 * sum + 9 + 18 * kShift) / 18U -
                                     kShift);
}

}  // namespace

void mean_of_10m(const std::array<const std::int16_t*, 3>& rows,
                 std::span<std::int16_t> out) noexcept {
    for (std::size_t i = 0; i < out.size(); ++i) {
        int sum = 0;
        bool missing = false;
        for (const std::int16_t* row : rows)
            for (std::size_t k = 0; k < 3; ++k) {
                const int value = row[3 * i + k];
                missing |= value == kFill;
                sum += value;
            }
        out[i] = missing ? kFill : ninth(sum);
    }
}

void mean_of_20m(const std::int16_t* whole, const std::int16_t* half,
                 std::span<std::int16_t> out) noexcept {
    const auto mean = [&](std::size_t full, std::size_t part) {
        const int a = whole[full], b = whole[part], c = half[full], d = half[part];
        if (a == kFill || b == kFill || c == kFill || d == kFill) return kFill;
        return ninth(4 * a + 2 * (b + c) + d);
    };
    for (std::size_t i = 0; i + 1 < out.size(); i += 2) {
        const std::size_t first = i / 2 * 3;
        out[i] = mean(first, first + 1);
        out[i + 1] = mean(first + 2, first + 1);
    }
}

RowPair20m rows_of_20m(int row) noexcept {
    const int first = row / 2 * 3;
    return row % 2 == 0 ? RowPair20m{first, first + 1} : RowPair20m{first + 2, first + 1};
}

void repeat_60m(const std::int16_t* row, std::span<std::int16_t> out) noexcept {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = row[i / 2];
}

void merge_mask_10m(const std::array<const std::uint8_t*, 3>& rows,
                    std::span<std::uint8_t> out) noexcept {
    for (std::size_t i = 0; i < out.size(); ++i) {
        std::uint8_t merged = 0;
        bool missing = false;
        for (const std::uint8_t* row : rows)
            for (std::size_t k = 0; k < 3; ++k) {
                const std::uint8_t value = row[3 * i + k];
                missing |= value == kMaskFill;
                merged = merge_fmask(merged, value);
            }
        out[i] = missing ? kMaskFill : merged;
    }
}

}  // namespace hls::tile
