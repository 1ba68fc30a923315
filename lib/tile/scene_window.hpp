// SPDX-License-Identifier: Apache-2.0
// The rows of one AC scene that a strip of the tile needs, in the stored values of HLS. The window
// moves down the scene; no row is read twice.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "io/raster.hpp"
#include "scene/ac_scene.hpp"
#include "tile/moving_rows.hpp"
#include "tile/scene_position.hpp"

namespace hls::tile {

// Rows and columns are counted from the scene's upper-left pixel.
class SceneWindow {
 public:
    // B01..B07, B09, B10, B11.
    static constexpr int kBands = 10;
    static constexpr int kReflectiveBands = 7;  // B01..B07
    static constexpr int kAngles = 4;           // SZA, SAA, VZA, VAA
    static constexpr int kLayers = kBands + kAngles + 2;

    // Opens all layers and checks that they are there and lie on the scene's grid. `cols` are those
    // that will be asked for. Throws Error{bad_input}.
    SceneWindow(const scene::AcScene& scene, Range cols);

    // Moving to `rows` of the scene, never upwards, takes three steps of independent tasks:
    // load(layer) of every layer, mark(row) of all marked_rows(), pack(row) of all rows().
    void move_to(Range rows);
    void load(int layer);
    Range marked_rows() const { return loaded_; }
    void mark(int row);
    Range rows() const { return rows_; }
    void pack(int row);
    // Frees files and memory; for a scene that no later strip needs.
    void close();

    const std::int16_t* band(int band, int row, int col) const {
        return bands_[static_cast<std::size_t>(band)].at(row, col - cols_.first);
    }
    std::ptrdiff_t stride() const { return cols_.size(); }
    // Of the 4 x 4 pixels from (row, col) on: 1 if they are valid in all bands.
    const std::uint8_t* valid(int row, int col) const { return valid_.at(row, col - cols_.first); }
    const std::uint8_t* fmask(int row, int col) const { return fmask_.at(row, col - cols_.first); }
    // As USGS delivers them; all four 0 is no data.
    const std::int16_t* angle(int angle, int row, int col) const {
        return angles_[static_cast<std::size_t>(angle)].at(row, col - cols_.first);
    }

 private:
    void open(const scene::AcScene& scene);
    template <typename Raw, typename T, typename Convert>
    void read(int layer, MovingRows<T>& target, Convert convert);

    std::vector<io::RasterReader> readers_;
    int scene_rows_ = 0;
    Range cols_;    // wanted, and what dilation reaches beyond them
    Range rows_;    // wanted
    Range loaded_;  // and what dilation reaches beyond them
    std::array<MovingRows<std::int16_t>, kBands> bands_;
    std::array<MovingRows<std::int16_t>, kAngles> angles_;
    MovingRows<std::uint8_t> classes_;
    MovingRows<std::uint8_t> aerosol_qa_;
    MovingRows<std::uint8_t> near_;       // cloud or shadow near by along the row
    MovingRows<std::uint8_t> valid_run_;  // four valid pixels from here on along the row
    MovingRows<std::uint8_t> valid_;
    MovingRows<std::uint8_t> fmask_;
};

}  // namespace hls::tile
