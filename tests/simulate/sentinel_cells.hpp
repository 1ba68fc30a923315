// SPDX-License-Identifier: Apache-2.0
// A tile's world pixel by pixel of 30 m, as MSI meets it: surface, light, and clouds band by band.
#pragma once

#include <array>
#include <cstdint>

#include "core/view2d.hpp"
#include "simulate/cloud_shade.hpp"
#include "simulate/coarse_fields.hpp"
#include "simulate/msi_surface.hpp"
#include "simulate/sentinel_geometry.hpp"
#include "simulate/sky.hpp"

namespace hls::simulate {

// Some rows of cells, row 0 being row `first` of SentinelCells.
struct CellStrip {
    CellStrip(int rows, int cols);

    int first = 0;
    // Seen straight down with the sun of the product's normalisation; `shaded` with clouds'
    // shadows.
    std::array<Plane<float>, kMsiBands> lit, shaded;
    // What clouds add to a band and what they leave of the rest. For B10 all that is seen.
    std::array<Plane<float>, kMsiBands> cloud, through;
    Plane<float> tau, ice_tau, shadow, snow;  // clouds as B04 sees them
    Plane<float> least_tau, most_tau;         // of the bands of 10 and 20 m
    Plane<std::uint8_t> from_outside;         // PixelSky::shadow_from_outside
    Plane<float> height_m, elevation_m;       // of the cloud; 0: none
    Plane<std::uint8_t> code;                 // as the truth's FMASK, with the clouds of any band
    Plane<std::uint8_t> cover;
};

class SentinelCells {
 public:
    SentinelCells(const SentinelRequest& request, const SentinelGeometry& geometry, int threads);

    int rows() const { return rows_; }
    int cols() const { return cols_; }
    // The tile's upper-left corner lies `margin()` cells right of and below the centre of (0, 0).
    int margin() const { return margin_; }
    const AerosolField& aerosol() const { return aerosol_; }
    // Coordinates for AerosolField and Clouds.
    double x_of(double x_m) const noexcept { return x_m / kPixelM; }
    double y_of(double y_m) const noexcept { return -y_m / kPixelM; }
    // Fills all rows of the strip from row strip.first.
    void render(CellStrip& strip, int threads) const;
    // The law of S2's band ratios that fits the surface best, for the ancillary file.
    RatioLaw fitted_law(const RatioLaw& landscape_law) const;

 private:
    struct Cell;
    CoarseFields make_fields(int threads) const;
    void render_cell(CellStrip& strip, int row, int col, const Plane<float>& fields) const;
    void render_light(CellStrip& strip, int row, int col, const Cell& cell) const;
    void render_clouds(CellStrip& strip, int row, int col, const Cell& cell) const;

    const SentinelRequest& request_;
    const SentinelGeometry& geometry_;
    const granule::Sentinel2Satellite& satellite_;
    int margin_, rows_, cols_;
    Landscape landscape_;
    AerosolField aerosol_;
    Slant sun_;
    double cos_sun_;
    Clouds clouds_;
    CoarseFields fields_;  // the landscape's law, and the sky above
    MsiSpectrum around_;   // the ground that shaded pixels are seen amid
};

}  // namespace hls::simulate
