// SPDX-License-Identifier: Apache-2.0
// What making an L30 and an S30 product have in common.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "geo/utm.hpp"
#include "io/raster.hpp"
#include "product/product_info.hpp"
#include "tile/tile_summary.hpp"

namespace hls::tile {

// Height of a row of blocks in the product's files, which are then compressed without a copy.
inline constexpr int kStripRows = 256;

// Grid of a product on the tile called 19LBJ or T19LBJ: EPSG:326zz, signed northings. Throws
// Error{usage} if there is no such tile.
io::Grid product_grid(std::string_view tile);

// The tile's name without the T.
std::string bare_tile_name(std::string_view tile);

geo::LonLat center_of(const io::Grid& grid);

std::string or_not_available(const std::string& text);

void set_mean_angles(const AngleSums& angles, product::ProductInfo& info);

struct StageTiming {
    std::string stage;  // "mosaic", "nbar", "compress", "finish"
    double wall_s = 0;
};

// Adds the wall time of its life to a stage.
class StageClock {
 public:
    explicit StageClock(StageTiming& timing) : timing_(timing) {}
    ~StageClock() {
        const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start_;
        timing_.wall_s += spent.count();
    }
    StageClock(const StageClock&) = delete;
    StageClock& operator=(const StageClock&) = delete;

 private:
    StageTiming& timing_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// body(first_row, strip) for all strips of the tile; Strip is L30Strip or S30Strip.
template <typename Strip, typename Body>
void for_each_strip(const io::Grid& grid, Body body) {
    Strip strip(std::min(kStripRows, grid.rows), grid.cols);
    for (int row = 0; row < grid.rows; row += kStripRows) {
        const int rows = std::min(kStripRows, grid.rows - row);
        if (strip.fmask.rows() != rows) strip = Strip(rows, grid.cols);
        body(row, strip);
    }
}

}  // namespace hls::tile
