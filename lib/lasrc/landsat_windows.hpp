// SPDX-License-Identifier: Apache-2.0
// The window loop of a Landsat scene: one aerosol retrieval per 3 x 3 pixels (lasrc.md 7).
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "ancillary/ancillary.hpp"
#include "core/view2d.hpp"
#include "lasrc/aerosol_field.hpp"
#include "lasrc/final_correction.hpp"
#include "lasrc/landsat_retrieval.hpp"
#include "lasrc/window_places.hpp"

namespace hls::lasrc {

// Cosine of the sun zenith of the pixels of a strip: per pixel, or one for all.
struct SunCosines {
    View2D<const std::int16_t> hundredths;  // of a degree; no rows: use `scene`
    std::span<const float> cosines;         // of cosines_of_hundredths()
    float scene = 1.f;

    float at(int row, int col) const noexcept {
        if (hundredths.rows() == 0) return scene;
        return cosines[static_cast<std::uint16_t>(hundredths(row, col))];
    }
};

// Rows of the image that hold whole windows; `first_row` is a multiple of 3.
struct RetrievalStrip {
    int first_row = 0;
    std::array<View2D<const std::uint16_t>, kRetrievalBands.size()> dn;
    View2D<const std::uint8_t> fill;  // 1: no data
    SunCosines sun;
};

struct WindowLoop {
    const LandsatRetrieval& retrieval;
    std::array<Calibration, kRetrievalBands.size()> calibrations;
    const ancillary::Ancillary& ancillary;
    const WindowPlaces& places;

    // Retrieves one row of windows from the strip that holds it into the field. Takes the centre
    // pixel, or the first valid one in raster order where that is fill. Rows of windows are
    // independent of each other.
    void retrieve_row(const RetrievalStrip& strip, int window_row,
                      AerosolField& field) const noexcept;
};

}  // namespace hls::lasrc
