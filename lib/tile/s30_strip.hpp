// SPDX-License-Identifier: Apache-2.0
// Some rows of an S30 product: 30 m, NBAR, bandpass adjustment (tiling.md 3.9-3.11).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/view2d.hpp"
#include "granule/sentinel2.hpp"
#include "tile/native_strip.hpp"
#include "tile/nbar.hpp"
#include "tile/range.hpp"
#include "tile/tile_summary.hpp"

namespace hls::tile {

// At full width, in the stored values of the product.
struct S30Strip {
    S30Strip(int rows, int cols);

    AngleRow angle_row(int row) const;
    void clear_rows(Range rows);

    std::array<Plane<std::int16_t>, scene::kSentinel2BandCount> bands;  // B01..B08, B8A, B09..B12
    Plane<std::uint8_t> fmask;
    std::array<Plane<std::uint16_t>, 4> angles;  // SZA, SAA, VZA, VAA
};

// Bands that NBAR adjusts: all but B09 and B10, by position in the strip, and their models.
inline constexpr std::array<std::size_t, 11> kS30NbarBands{0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12};
inline constexpr std::array kS30Brdf{brdf::kBlue,     brdf::kBlue,     brdf::kGreen,    brdf::kRed,
                                     brdf::kRedEdge1, brdf::kRedEdge2, brdf::kRedEdge3, brdf::kNir,
                                     brdf::kNir,      brdf::kSwir1,    brdf::kSwir2};

// Bands with a bandpass adjustment, those of granule::kBandpassBands.
inline constexpr std::array<std::size_t, granule::kBandpassBands.size()> kS30BandpassBands{
    0, 1, 2, 3, 8, 11, 12};

// Rows 2 * cell_row and 2 * cell_row + 1.
void resample_cells(const NativeStrip& native, int cell_row, S30Strip& strip);

// Reflectance as NBAR, in place. Pixels without an angle stay as they are.
void normalize_row(const Nbar& nbar, S30Strip& strip, int row);

// To the bands of OLI, in place: rounded half up, fill stays fill.
class Bandpass {
 public:
    explicit Bandpass(const granule::Sentinel2Satellite& satellite);

    void apply(S30Strip& strip, int row) const noexcept;

 private:
    using Table = std::vector<std::int16_t>;  // by the bits of the value
    std::array<Table, kS30BandpassBands.size()> tables_;
};

}  // namespace hls::tile
