// SPDX-License-Identifier: Apache-2.0
// The digital numbers of a Sentinel-2 granule in memory, each band at its native resolution, and
// what counts as a pixel without data.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>

#include "core/view2d.hpp"
#include "lasrc/sentinel2_model.hpp"
#include "scene/sentinel2_l1.hpp"

namespace hls::lasrc {

// When a 10 m pixel, all bands brought to 10 m, has no data (lasrc.md 2).
enum class Sentinel2Fill {
    any,        // a band's digital number is 0
    all,        // all of them are
    converted,  // a band's reflectance is 0: also a number that its offset cancels
};

struct Sentinel2Image {
    int rows = 0;  // 10 m pixels
    int cols = 0;
    std::array<Plane<std::uint16_t>, granule::kSentinel2Bands> dn;

    // 10 m pixels along a pixel of the band: 1, 2 or 6.
    int box(std::size_t band) const { return rows / dn[band].rows(); }
    // A row of 10 m pixels, by replication; `out` has `cols` elements.
    void row(std::size_t band, int row, std::span<std::uint16_t> out) const noexcept;
};

// Decodes all bands, several at a time. `progress` hears 0..1 from the calling thread.
Sentinel2Image read_sentinel2_image(const scene::Sentinel2L1& l1, int threads,
                                    const std::function<void(double)>& progress);

// 1 where a row's 10 m pixels have no data.
void mark_no_data(const Sentinel2Image& image, const Sentinel2Model& model, Sentinel2Fill rule,
                  int row, std::span<std::uint8_t> no_data);

}  // namespace hls::lasrc
