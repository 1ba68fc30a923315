// SPDX-License-Identifier: Apache-2.0
// The colours of classes, in masks, maps and pages.
#pragma once

#include <array>
#include <cstdint>

namespace hls::chip {

using Rgb = std::array<std::uint8_t, 3>;

inline constexpr std::array<Rgb, 12> kClassColors{{{0, 0, 0},
                                                   {122, 122, 33},
                                                   {128, 0, 96},
                                                   {240, 96, 64},
                                                   {32, 96, 32},
                                                   {240, 208, 64},
                                                   {96, 192, 96},
                                                   {224, 64, 128},
                                                   {160, 128, 96},
                                                   {64, 128, 224},
                                                   {128, 224, 224},
                                                   {224, 224, 224}}};

// Classes beyond the table start again after the unlabelled one.
constexpr Rgb class_color(int klass) noexcept {
    if (klass <= 0) return kClassColors[0];
    return kClassColors[1 + static_cast<std::size_t>(klass - 1) % (kClassColors.size() - 1)];
}

}  // namespace hls::chip
