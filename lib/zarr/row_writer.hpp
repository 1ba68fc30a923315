// SPDX-License-Identifier: Apache-2.0
// Rows of the append axis turned into objects. All rows that share objects are written together, so
// that none is lost between reading an object and replacing it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "zarr/array.hpp"
#include "zarr/scratch.hpp"
#include "zarr/transaction.hpp"

namespace hls::zarr {

// The chunks of one index along the append axis, or those of them whose index along the second
// dimension is in [first, end): memory need not hold whole rows.
struct ChunkBand {
    std::uint64_t chunk_row = 0;
    std::uint64_t first = 0;
    std::uint64_t end = 0;
};

// Bands that cover a row of chunks, ascending. `rows` planes of a band take at most `bytes`, or the
// band is one chunk high.
std::vector<ChunkBand> bands_of(const Array& array, std::uint64_t chunk_row, std::uint64_t rows,
                                std::uint64_t bytes);
// Elements [first, end) of the second dimension that a band covers; {0, 1} if there is none.
std::pair<std::uint64_t, std::uint64_t> extent_of(const Array& array, const ChunkBand& band);

struct RowPlane {
    std::uint64_t row = 0;
    // Dense, of shape[1..] with the second dimension cut to the band's extent; empty: the fill
    // value everywhere.
    ByteView elements;
};

// Stages the objects of one array.
class ChunkRowWriter {
 public:
    // Rows below `old_length` that are not given keep their elements. Chunks of nothing but fill
    // are removed if `empty` says so.
    ChunkRowWriter(StoreTransaction& transaction, const ObjectStore& store, const Array& array,
                   std::uint64_t old_length, EmptyChunks empty)
        : transaction_(transaction),
          store_(store),
          array_(array),
          old_length_(old_length),
          empty_(empty) {}

    // `planes`: ascending rows, all in the band's row of chunks. Throws Error{bad_input} if an
    // object that must be read is damaged.
    void write(const ChunkBand& band, std::span<const RowPlane> planes, int threads);

 private:
    struct Buffers {
        CodecBuffers codec;
        Scratch elements, old_chunk;
        Bytes old_object;
    };
    void write_chunk(const Shape& chunk, const ChunkBand& band, std::span<const RowPlane> planes,
                     bool keep_others);
    void fill_where_needed(const Shape& chunk, std::span<const RowPlane> planes, bool keep,
                           std::span<std::byte> elements) const;
    ByteView change(const std::string& key, std::span<const RowPlane> planes,
                    std::span<std::byte> elements, Buffers& buffers) const;
    void overlay(const Shape& chunk, const ChunkBand& band, const RowPlane& plane,
                 std::span<std::byte> elements) const;
    bool keeps_others(const ChunkBand& band, std::span<const RowPlane> planes) const;
    const ArrayMetadata& metadata() const { return array_.metadata(); }
    std::uint64_t row_in_chunk(const RowPlane& plane) const {
        return plane.row % metadata().chunk_shape[0];
    }

    StoreTransaction& transaction_;
    const ObjectStore& store_;
    const Array& array_;
    std::uint64_t old_length_;
    EmptyChunks empty_;
    Pool<Buffers> buffers_;
};

// Keys of all objects of a row of chunks, in order.
std::vector<std::string> chunk_row_keys(const Array& array, std::uint64_t chunk_row);

}  // namespace hls::zarr
