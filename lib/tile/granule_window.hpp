// SPDX-License-Identifier: Apache-2.0
// The rows of one Sentinel-2 granule that a strip of its tile needs, at native resolutions and in
// the stored values of HLS (tiling.md 3.3, 3.4, 3.8). It moves down the granule; no row is read
// twice.
#pragma once

#include <optional>
#include <vector>

#include "io/raster.hpp"
#include "scene/sentinel2_ac_scene.hpp"
#include "scene/sentinel2_angles.hpp"
#include "tile/moving_rows.hpp"
#include "tile/native_strip.hpp"
#include "tile/range.hpp"

namespace hls::tile {

// Cells of the tile that the granule covers. `tile` has signed northings. Throws Error{bad_input}
// if the granule is not UTM of the tile's zone, not on the 60 m cells, or reaches beyond the tile.
CellRect cells_of(const scene::Sentinel2AcScene& scene, const io::Grid& tile);

class GranuleWindow {
 public:
    // Opens all layers and checks that they are there and lie on the granule's grid. Throws
    // Error{bad_input}.
    GranuleWindow(const scene::Sentinel2AcScene& scene, const io::Grid& tile);

    const CellRect& cells() const { return cells_; }

    // Independent tasks: each band, the mask, the angles.
    static constexpr std::size_t kTasks = scene::kSentinel2BandCount + 2;

    // Cell rows `rows` of the tile, which the granule must cover, into a strip as wide as the tile
    // whose first cell row is `strip_first`. Rows never go back. Throws Error{bad_input}.
    void load(std::size_t task, Range rows, int strip_first, NativeStrip& strip);

    // Detector of each 30 m pixel of the granule; nullptr where angles come as rasters.
    const Plane<std::uint8_t>* detectors() const { return detectors_ ? &*detectors_ : nullptr; }

 private:
    void open(const scene::Sentinel2AcScene& scene);
    void open_layer(const scene::Sentinel2AcScene& scene, std::string_view layer, double pixel_m);
    template <typename T>
    View2D<T> target(Plane<T>& plane, int per_cell, Range rows, int strip_first) const;
    void load_band(std::size_t band, Range rows, int strip_first, NativeStrip& strip) const;
    void load_mask(Range rows, int strip_first, NativeStrip& strip);
    void load_angles(Range rows, int strip_first, NativeStrip& strip) const;
    void read_classes(Range mask_rows);

    CellRect cells_;
    int mask_rows_ = 0;                      // of the granule, 20 m
    bool combine_ = false;                   // bands come at 10 m in USGS scaling
    std::vector<io::RasterReader> readers_;  // bands, FMASK, SR_QA_AEROSOL, angles
    MovingRows<std::uint8_t> classes_;       // 20 m
    MovingRows<std::uint8_t> near_;          // cloud or shadow near by along the row
    std::optional<scene::Sentinel2Angles> angles_;
    std::optional<Plane<std::uint8_t>> detectors_;
};

}  // namespace hls::tile
