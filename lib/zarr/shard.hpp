// SPDX-License-Identifier: Apache-2.0
// sharding_indexed: many inner chunks and their index in one object. Internal to zarr.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "zarr/chunk_grid.hpp"
#include "zarr/codec.hpp"
#include "zarr/scratch.hpp"

namespace hls::zarr {

// Memory for one level of sharding.
struct ShardBuffers {
    CodecBuffers inner;
    Scratch chunk;
    Scratch index;
};

class Shard {
 public:
    // `layout`: what the sharding codec gets to see. Throws Error{bad_input} if the inner chunks do
    // not divide it or the codecs do not fit.
    Shard(const ChunkLayout& layout, const ShardingCodec& codec);

    const ChunkCodec& inner() const { return inner_; }
    const Shape& inner_grid() const { return grid_; }
    std::uint64_t index_bytes() const { return index_bytes_; }
    ByteRange index_range() const;
    std::uint64_t encoded_bound() const;
    std::uint64_t plausible_bound() const;
    void require_writable() const;

    // Inner chunks that are all fill are left out.
    ByteView encode(ByteView elements, Scratch& out, ShardBuffers& buffers) const;
    void decode(ByteView encoded, std::span<std::byte> elements, ShardBuffers& buffers) const;
    std::vector<std::optional<ByteRange>> decode_index(ByteView index, ShardBuffers& buffers) const;

 private:
    StridedSpan place(std::uint64_t number, std::span<std::byte> elements) const;

    ChunkLayout layout_;
    Shape grid_;
    ChunkCodec inner_;
    ChunkCodec index_codec_;
    std::uint64_t index_bytes_;
    bool index_at_start_;
};

}  // namespace hls::zarr
