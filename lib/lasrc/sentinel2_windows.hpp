// SPDX-License-Identifier: Apache-2.0
// The window loop of a Sentinel-2 granule: one aerosol retrieval per 6 x 6 pixels (lasrc.md 7).
#pragma once

#include "ancillary/ancillary.hpp"
#include "io/raster.hpp"
#include "lasrc/correction_report.hpp"
#include "lasrc/sentinel2_aerosol.hpp"
#include "lasrc/sentinel2_image.hpp"

namespace hls::lasrc {

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

WindowCounts count_windows(const Sentinel2Aerosol& aerosol);

}  // namespace hls::lasrc
