// SPDX-License-Identifier: Apache-2.0
// Sun and view angles of a Sentinel-2 granule at 30 m, from the 5 km grids of its tile metadata and
// the footprints of the detectors (tiling.md 3.8): integer steps and cuts as NASA's program has
// them, so that products agree in every digit.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/view2d.hpp"
#include "granule/sentinel2_metadata.hpp"

namespace hls::scene {

// One grid of zenith or azimuth in 0.01 degree, interpolated to the pixels of its node rows at
// once and between these on demand.
class AngleField {
 public:
    // NaN where a node has no value. Nodes are `row_step_m`, `col_step_m` apart from the granule's
    // corner on.
    AngleField(View2D<const double> nodes_deg, double row_step_m, double col_step_m, int rows,
               int cols);

    bool empty() const { return first_valid_ < 0; }
    // Pixels [first_col, first_col + out.size()) of row `pixel`; 40000 if no node has a value.
    void row(int pixel, int first_col, std::span<std::uint16_t> out) const noexcept;

 private:
    void interpolate_node_rows(View2D<const double> nodes_deg, const std::vector<int>& node_cols);
    void fill_empty_node_rows();
    // Row `pixel` between two node rows.
    void interpolate_rows(int above, int below, int pixel, int first_col,
                          std::span<std::uint16_t> out) const noexcept;
    int next_valid(int node) const noexcept;
    int pixel_row(int node) const noexcept { return node_rows_[static_cast<std::size_t>(node)]; }
    bool has_values(int node) const noexcept {
        return has_values_[static_cast<std::size_t>(node)] != 0;
    }

    std::vector<int> node_rows_;            // pixel row of each node row
    std::vector<std::uint8_t> has_values_;  // of each node row, before filling
    int first_valid_ = -1;
    int last_valid_ = -1;
    Plane<std::uint16_t> values_;  // node rows x pixel columns
};

class Sentinel2Angles {
 public:
    // Sun angles and the view angles of B06, which HLS uses for all bands. Throws Error{bad_input}
    // naming the file if it has no grids.
    explicit Sentinel2Angles(const granule::Sentinel2Tile& tile);

    int rows() const { return rows_; }  // of 30 m pixels
    int cols() const { return cols_; }

    // A row of SZA, SAA, VZA, VAA in 0.01 degree. `detectors`, a row of read_detectors() at 30 m,
    // and the rows have cols() pixels. Sun angles are everywhere; view angles are 40000 without a
    // detector.
    void row(int row, std::span<const std::uint8_t> detectors,
             const std::array<std::span<std::uint16_t>, 4>& out) const noexcept;

 private:
    struct Detector {
        int id = 0;
        AngleField zenith;
        AngleField azimuth;
    };

    const Detector* detector(int id) const noexcept;

    int rows_;
    int cols_;
    AngleField sun_zenith_;
    AngleField sun_azimuth_;
    std::vector<Detector> detectors_;
};

}  // namespace hls::scene
