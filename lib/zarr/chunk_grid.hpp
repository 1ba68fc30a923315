// SPDX-License-Identifier: Apache-2.0
// Which chunks a region touches, and where its elements lie inside them. Pure arithmetic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zarr/metadata.hpp"

namespace hls::zarr {

// A box of elements: per dimension the first index and the number of elements. Rank 0: one element.
struct Region {
    Shape start;
    Shape count;

    std::uint64_t elements() const;
    bool operator==(const Region&) const = default;
};

Region whole(const Shape& shape);
// Throws Error{bad_input} unless ranks agree and the region lies inside `shape`.
void require_inside(const Region& region, const Shape& shape, std::string_view what);

// The part of a region that lies in one chunk.
struct ChunkPart {
    Shape chunk;      // index of the chunk in the grid
    Shape in_chunk;   // first element, counted from the chunk's origin
    Shape in_region;  // the same element, counted from the region's origin
    Shape count;      // elements per dimension
    // Every element of the chunk that lies inside the array is in the region: the old object need
    // not be read. (The padding of an edge chunk is nobody's.)
    bool whole_chunk = false;
};

// Number of chunks per dimension: the quotient, rounded up.
Shape grid_shape(const Shape& shape, const Shape& chunk_shape);

// The parts of `region` in ascending order of their chunks (C order).
std::vector<ChunkPart> chunk_parts(const Shape& shape, const Shape& chunk_shape,
                                   const Region& region);

// "c/3/0/1", "3.0.1"; without dimensions "c" and "0".
std::string chunk_key(const ChunkKeys& keys, const Shape& chunk);
// The reverse, nullopt for anything that chunk_key() would not have made for this rank.
std::optional<Shape> parse_chunk_key(const ChunkKeys& keys, std::size_t rank, std::string_view key);

// Elements at any strides: element (i, j, ..) lies at data + i * strides[0] + j * strides[1] + ..
template <typename Byte>
struct Strided {
    Byte* data = nullptr;
    std::vector<std::ptrdiff_t> strides;  // in bytes
};
using StridedView = Strided<const std::byte>;
using StridedSpan = Strided<std::byte>;

// The same elements, with the one at index `by` as the first.
template <typename Byte>
Strided<Byte> moved(Strided<Byte> view, const Shape& by) {
    for (std::size_t d = 0; d < by.size(); ++d)
        view.data += static_cast<std::ptrdiff_t>(by[d]) * view.strides[d];
    return view;
}

// Strides of a dense C-order array of that shape.
std::vector<std::ptrdiff_t> dense_strides(const Shape& shape, std::size_t element_bytes);

// Copies a box of `count` elements; rows that are dense on both sides are copied as one.
void copy_box(const Shape& count, std::size_t element_bytes, const StridedView& from,
              const StridedSpan& to);
// Sets a box to copies of one element.
void fill_box(const Shape& count, ByteView element, const StridedSpan& to);

}  // namespace hls::zarr
