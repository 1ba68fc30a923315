// SPDX-License-Identifier: Apache-2.0
// One tile row out of one scene: what the mosaic does with every row of every scene (tiling.md
// 2.2-2.5).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "io/raster.hpp"
#include "tile/scene_position.hpp"
#include "tile/scene_window.hpp"

namespace hls::tile {

// A row of the mosaic being filled.
struct L30Row {
    std::array<std::span<std::int16_t>, SceneWindow::kBands> bands;
    std::span<std::uint8_t> fmask;
    std::array<std::span<std::uint16_t>, SceneWindow::kAngles> angles;
};

class L30RowFiller {
 public:
    explicit L30RowFiller(int cols);

    // Adds what the scene has for `tile_row`: reflectance, temperature and mask where no scene
    // before it filled the pixel, angles wherever it has any. Returns the number of pixels whose
    // reflectance came from this scene.
    int add_scene(const ScenePosition& position, const SceneWindow& scene, const io::Grid& grid,
                  int tile_row, const L30Row& row) noexcept;

    // To be called before the first scene of every row.
    void start_row() noexcept;

 private:
    struct Source;

    int fill_on_corners(const Source& source, int scene_row, int col_shift,
                        const L30Row& row) noexcept;
    int fill_anywhere(const Source& source, const L30Row& row) noexcept;
    void mark_filled(const L30Row& row) noexcept;

    std::vector<double> scene_rows_, scene_cols_;  // positions of the row's pixels
    std::vector<std::int32_t> sums_;
    std::vector<std::int16_t> values_;
    std::vector<std::uint8_t> take_;
    std::vector<std::uint8_t> filled_;
};

}  // namespace hls::tile
