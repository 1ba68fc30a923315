// SPDX-License-Identifier: Apache-2.0
// Single-band cloud-optimised GeoTIFF in the exact structure of published HLS layers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/view2d.hpp"
#include "io/raster.hpp"

namespace hls::io {

// A file just written and its checksum.
struct CogFile {
    std::uint64_t bytes = 0;
    std::string sha512;
};

// Takes rows from north to south and keeps them compressed in memory; the file is written at the
// end, when all metadata are known. Structure (tiling.md 5.2): classic little-endian TIFF, image
// file directories first, then the overviews from the smallest up, then the full resolution; tiles
// of 256 (overviews 128) pixels, DEFLATE, predictor 2; overviews of halved size, rounded up, by
// cascaded nearest neighbour down to the first of at most 256 pixels; the projection as EPSG
// code. Edge tiles are filled by repeating their last column and row. Same input, same bytes. An
// object is used by one thread at a time.
class CogEncoder {
 public:
    // Type u8, i16 or u16; level 1 (fast) .. 12 (small); grid.epsg 326zz or 327zz.
    CogEncoder(const Grid& grid, PixelType type, int deflate_level = 6);
    ~CogEncoder();
    CogEncoder(CogEncoder&&) noexcept;
    CogEncoder& operator=(CogEncoder&&) noexcept;

    // The next rows, at full width; T is the C++ type of the encoder's PixelType. Steps of a
    // multiple of 256 rows need no copy.
    template <typename T>
    void append_rows(View2D<const T> rows);

    // Compressed bytes held so far.
    std::uint64_t held_bytes() const;

    // Writes the file once all rows are in, with layer.metadata as dataset tags sorted by name,
    // scale and offset if the scale is not 1, and the colours of layer.classes (uint8) as a
    // palette. Throws Error{cannot_create, io_error}.
    CogFile write(const std::string& path, const Layer& layer) const;

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hls::io
