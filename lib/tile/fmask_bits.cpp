// SPDX-License-Identifier: Apache-2.0
#include "tile/fmask_bits.hpp"

#include <algorithm>
#include <array>

#include "tile/stored_value.hpp"

namespace hls::tile {
namespace {

constexpr std::uint8_t kShadowClass = 2;
constexpr std::uint8_t kCloudClass = 4;
constexpr std::array<std::uint8_t, 6> kBitOfClass{
    0, fmask::kWater, fmask::kShadow, fmask::kSnow, fmask::kCloud, fmask::kCirrus};

bool is_seed(std::uint8_t value) noexcept {
    return value == kShadowClass || value == kCloudClass;
}

}  // namespace

bool is_fmask_class(std::uint8_t value) noexcept {
    return value < kBitOfClass.size() || value == kMaskFill;
}

void spread_seeds(std::span<const std::uint8_t> classes, int half,
                  std::span<std::uint8_t> out) noexcept {
    std::fill(out.begin(), out.end(), std::uint8_t{0});
    const auto count = static_cast<int>(classes.size());
    int painted = 0;  // out[0, painted) is final as far as the seeds seen so far go
    for (int i = 0; i < count; ++i) {
        if (!is_seed(classes[static_cast<std::size_t>(i)])) continue;
        const int end = std::min(count, i + half + 1);
        for (int k = std::max(painted, i - half); k < end; ++k)
            out[static_cast<std::size_t>(k)] = 1;
        painted = end;
    }
}

void join_rows(std::span<const std::uint8_t> row, std::span<std::uint8_t> out) noexcept {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] |= row[i];
}

void pack_fmask(std::span<const std::uint8_t> classes, std::span<const std::uint8_t> near,
                std::span<const std::uint8_t> aerosol_qa, std::span<std::uint8_t> out) noexcept {
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::uint8_t value = classes[i];
        if (value >= kBitOfClass.size()) {
            out[i] = kMaskFill;
            continue;
        }
        const std::uint8_t bit =
            near[i] != 0 && !is_seed(value) ? fmask::kAdjacent : kBitOfClass[value];
        out[i] = static_cast<std::uint8_t>(bit | (aerosol_qa[i] & fmask::kAerosolBits));
    }
}

}  // namespace hls::tile
