// SPDX-License-Identifier: Apache-2.0
// Pixels of a simulated granule and of its truth, row by row.
#pragma once

#include <array>
#include <cstdint>

#include "core/view2d.hpp"
#include "simulate/coarse_fields.hpp"
#include "simulate/forward_model.hpp"
#include "simulate/landsat_mtl.hpp"
#include "simulate/landscape.hpp"
#include "simulate/pixel_truth.hpp"
#include "simulate/sky.hpp"

namespace hls::simulate {

inline constexpr std::int16_t kNoHeight = -9999;

// Digital numbers of `rows` rows, 0 where the swath ends.
struct Strip {
    Strip(int rows, int cols);

    std::array<Plane<std::uint16_t>, 11> bands;  // B1..B11; B8 at 30 m, to be spread to 15 m
    Plane<std::uint16_t> qa_pixel, qa_radsat;
    Plane<std::int16_t> sza, saa, vza, vaa;  // 0.01 deg
    // USGS scaling 2.75e-5, -0.2; fill 0. As seen, and straight down under a normalised sun.
    std::array<Plane<std::uint16_t>, kReflectiveBands> truth_reflectance, truth_nadir;
    Plane<std::int16_t> truth_aot;  // x 0.001, fill -9999
    Plane<std::uint8_t> truth_mask;
    Plane<std::uint8_t> truth_class;
    Plane<std::uint8_t> truth_cover;   // Cover, fill 255
    Plane<std::int16_t> truth_height;  // m, of the highest visible cloud; kNoHeight
    Plane<std::int16_t> elevation;     // m
};

struct RowCounts {
    std::int64_t inside = 0;
    std::int64_t cloudy = 0;
};

class SceneRenderer {
 public:
    // Solves the radiative transfer of the scene.
    SceneRenderer(const SceneRequest& request, const TransferSolver& solver, int threads);

    // Makes rows [first, first + count) known to render(). A soft landscape needs their neighbours.
    void prepare(int first, int count, int threads);

    // Row `row` of the scene into row `strip_row` of the strip. Of the prepared rows, any may be
    // rendered in any order and by any thread.
    RowCounts render(int row, Strip& strip, int strip_row) const;

    const SceneGeometry& geometry() const { return geometry_; }

 private:
    struct PixelState;

    CoarseFields make_fields(const TransferSolver& solver, int threads) const;
    PixelState pixel_at(int row, int col, const Plane<float>& fields) const;
    RatioLaw law_at(const Plane<float>& fields, int col) const;
    void render_fill(Strip& strip, int strip_row, int col) const;
    float noise(const PixelState& pixel, int band) const;  // 0 unless asked for
    void render_thermal(const PixelState& pixel, Strip& strip, int strip_row) const;
    void render_truth(const PixelState& pixel, Strip& strip, int strip_row) const;
    void render_pixel(const PixelState& pixel, Strip& strip, int strip_row) const;
    void render_angles(const PixelState& pixel, Strip& strip, int strip_row) const;

    SceneRequest request_;
    SceneGeometry geometry_;
    Landscape landscape_;
    AerosolField aerosol_;
    Slant sun_;
    Clouds clouds_;
    Calibration calibration_;
    CoarseFields fields_;
    GroundPixel around_;  // the ground that shaded pixels are seen amid
    // Softened reflectance of the prepared rows, from row soft_first_.
    std::array<Plane<float>, kReflectiveBands> soft_;
    int soft_first_ = 0;
};

}  // namespace hls::simulate
