// SPDX-License-Identifier: Apache-2.0
// Pixels of a simulated Sentinel-2 granule and of its truth, strip by strip.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "simulate/cell_weights.hpp"
#include "simulate/forward_model.hpp"
#include "simulate/sentinel_cells.hpp"

namespace hls::simulate {

// Digital numbers of whole bands, 0 outside the swath and the datastrip.
struct SentinelImage {
    explicit SentinelImage(const SentinelRequest& request);

    std::array<Plane<std::uint16_t>, kMsiBands> bands;
    std::array<Plane<std::uint8_t>, 3> classes;      // 60 m: opaque cloud, cirrus, snow
    std::int64_t cloudy = 0, snowy = 0, inside = 0;  // pixels of 20 m
};

// Truth of some rows of 60 m, as stored: reflectance x 1e4 with fill -9999.
struct SentinelTruth {
    SentinelTruth(const SentinelRequest& request, int rows_60m);

    std::array<Plane<std::int16_t>, kMsiBands> native;   // as this band sees the surface
    std::array<Plane<std::int16_t>, kMsiBands> product;  // 30 m, as an HLS product should show it
    Plane<std::int16_t> aot;                             // 30 m, x 1000
    Plane<std::uint8_t> mask, cover;                     // 30 m
    Plane<std::uint8_t> classes;                         // 20 m
    Plane<std::int16_t> height, elevation;               // 20 m, m
};

class SentinelRenderer {
 public:
    SentinelRenderer(const SentinelRequest& request, const TransferSolver& solver, int threads);
    SentinelRenderer(const SentinelRenderer&) = delete;
    SentinelRenderer& operator=(const SentinelRenderer&) = delete;

    // Rows [first, first + count) of 60 m. The result does not depend on how rows are cut into
    // strips or on the number of threads.
    void render(int first, int count, int threads, SentinelImage& image,
                SentinelTruth& truth) const;

    const SentinelGeometry& geometry() const { return geometry_; }
    const SentinelCells& cells() const { return cells_; }

 private:
    // Bands of one pixel size and what is common to them.
    struct Grid {
        int pixel_m;
        std::vector<int> bands;
        CoarseFields optics;
        std::vector<CellWeights> surface, sky;  // per column
    };

    Grid make_grid(int pixel_m, const ForwardModel& model, int threads) const;
    void render_band_row(const Grid& grid, std::size_t slot, int row, const CellStrip& cells,
                         const Plane<float>& fields, std::span<std::uint16_t> dn,
                         std::span<std::int16_t> truth) const;
    void render_product_row(int row, const CellStrip& cells, SentinelTruth& truth,
                            int truth_row) const;
    void render_class_row(int row, const CellStrip& cells, SentinelTruth& truth,
                          int truth_row) const;
    void count_classes(int first, int count, const CellStrip& cells, SentinelImage& image,
                       const SentinelTruth& truth) const;

    SentinelRequest request_;
    SentinelGeometry geometry_;
    SentinelCells cells_;
    std::vector<Grid> grids_;
};

}  // namespace hls::simulate
