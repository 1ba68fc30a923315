// SPDX-License-Identifier: Apache-2.0
// The window loop of a Sentinel-2 granule: one aerosol retrieval per 6 x 6 pixels (lasrc.md 7).
#pragma once

#include <cstdint>

#include "ancillary/ancillary.hpp"
#include "io/raster.hpp"
#include "lasrc/sentinel2_aerosol.hpp"
#include "lasrc/sentinel2_image.hpp"

namespace hls::lasrc {

// Windows by the outcome of the retrieval.
struct Sentinel2WindowCounts {
    std::int64_t land = 0;
    std::int64_t water = 0;
    std::int64_t failed = 0;
    std::int64_t fill = 0;  // the corner has no data
};

struct Sentinel2WindowLoop {
    const Sentinel2Image& image;
    const Sentinel2Model& model;
    const ancillary::Ancillary& ancillary;
    io::Grid grid;  // 10 m
    Sentinel2Fill fill = Sentinel2Fill::any;
    Quirks quirks;

    // Marks pixels without data and retrieves the aerosol of every window.
    Sentinel2Aerosol retrieve(int threads) const;
};

Sentinel2WindowCounts count_windows(const Sentinel2Aerosol& aerosol);

}  // namespace hls::lasrc
