// SPDX-License-Identifier: Apache-2.0
// Which rasters of a Landsat granule a job reads, opened and checked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/raster.hpp"
#include "lasrc/landsat_job.hpp"
#include "scene/landsat_l1.hpp"

namespace hls::lasrc {

struct LandsatInput {
    scene::LandsatL1 l1;
    std::vector<int> corrected;  // reflective bands that become SR layers, ascending
    std::vector<int> used;       // these and those the retrieval needs
    bool retrieve = true;
    bool cirrus = false;
    std::vector<int> thermal;         // 10, 11 or none
    std::optional<std::string> qa;    // path of QA_PIXEL; none: fill is DN 0
    std::vector<std::string> angles;  // paths of SZA, SAA, VZA, VAA, or none
    std::optional<std::string> mask;  // path of the class raster

    const std::string* sun_zenith() const { return angles.empty() ? nullptr : &angles.front(); }
    // Names of the layers to write, in the order of scene::landsat_ac_layers().
    std::vector<std::string> layers() const;
    std::vector<std::string> files() const;  // read, metadata first
};

// Throws Error as plan_landsat.
LandsatInput open_landsat_input(const LandsatJob& job);

// Rows of one raster, read again and again into the same memory.
template <typename T>
class RasterStrip {
 public:
    RasterStrip(const std::string& path, int max_rows)
        : reader_(path), pixels_(max_rows, reader_.cols()) {}

    void read(int first_row, int rows) {
        rows_ = rows;
        reader_.read_rows(first_row, view());
    }
    View2D<T> view() { return pixels_.view().rows(0, rows_); }

 private:
    io::RasterReader reader_;
    Plane<T> pixels_;
    int rows_ = 0;
};

// 1 where a pixel has no data: QA_PIXEL bit 0, or without QA where any of the bands is 0. All spans
// have the same length.
void mark_fill(std::span<const std::uint16_t> qa, std::span<std::uint8_t> fill) noexcept;
void add_zero_fill(std::span<const std::uint16_t> dn, std::span<std::uint8_t> fill) noexcept;

}  // namespace hls::lasrc
