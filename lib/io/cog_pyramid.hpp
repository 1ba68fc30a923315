// SPDX-License-Identifier: Apache-2.0
// The compressed tiles of an image and of its overviews, made while rows come in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/view2d.hpp"

namespace hls::io {

// Tiles of one resolution, row-major, each a zlib stream of horizontally differenced pixels.
struct CogLevel {
    int rows = 0;
    int cols = 0;
    int block = 0;  // tile edge
    std::vector<std::uint32_t> tile_bytes;
    std::vector<std::vector<std::byte>> tile_rows;  // one run of tiles per row of tiles
};

// Number of overviews: halvings until the shorter side, rounded down, is at most 256 (tiling.md
// 5.2: 4 for 3660).
int cog_overview_count(int rows, int cols) noexcept;

// T is uint8_t, int16_t or uint16_t.
template <typename T>
class CogPyramid {
 public:
    CogPyramid(int rows, int cols, int deflate_level);

    // The next rows at full width. Throws Error{internal} if they do not fit.
    void append(View2D<const T> rows);
    bool complete() const;
    std::uint64_t held_bytes() const;
    // The image itself first, then ever smaller overviews.
    std::vector<const CogLevel*> levels() const;

 private:
    struct Stage {
        CogLevel level;
        int next_row = 0;
        Plane<T> pending;              // rows of an unfinished row of tiles
        std::vector<int> source_cols;  // where this stage's columns lie in the stage above
        std::vector<int> source_rows;
    };

    void append_to(std::size_t stage, View2D<const T> rows);
    void sample_into(std::size_t stage, int first_row, View2D<const T> rows);
    void compress_tile_row(CogLevel& level, View2D<const T> rows);

    int deflate_level_;
    std::vector<Stage> stages_;
    std::vector<T> tile_;
    std::vector<std::byte> packed_;
};

extern template class CogPyramid<std::uint8_t>;
extern template class CogPyramid<std::int16_t>;
extern template class CogPyramid<std::uint16_t>;

}  // namespace hls::io
