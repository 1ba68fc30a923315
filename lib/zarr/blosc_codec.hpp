// SPDX-License-Identifier: Apache-2.0
// Blosc 1 buffers: made, read, and changed in part. Internal to zarr.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "zarr/codec.hpp"

namespace hls::zarr {

// Throws Error{bad_input} if a parameter is out of range or `bytes` of input are too many.
void require_valid_blosc(const BloscCodec& codec, std::uint64_t bytes);
// Enough for the output of encode_blosc().
std::uint64_t blosc_bound(std::uint64_t bytes);

// Both return the number of bytes written to `out`; decode_blosc() throws Error{bad_input} for
// damaged data and for more than `out` holds.
std::size_t encode_blosc(const BloscCodec& codec, ByteView in, std::span<std::byte> out);
std::size_t decode_blosc(ByteView in, std::span<std::byte> out);

struct SpliceMemory {
    std::span<std::byte> scratch;  // blosc_splice_bound() bytes
    std::span<std::byte> out;      // blosc_bound() bytes
};

// Blosc compresses blocks of a chunk one by one. When a part of the chunk changes, the blocks
// outside it can be taken over as they are: the result is byte for byte what encode_blosc() makes
// of the whole chunk.
//
// `old` was made by encode_blosc() with the same codec from as many bytes as `elements` has. Only
// the ranges `changed` (ascending, apart from each other) of `elements` are looked at; what lies
// between them in a block that changes is filled in from `old`. Returns the number of bytes in
// memory.out, nullopt if `old` is not made of such blocks or next to nothing would be gained: then
// encode the whole chunk.
std::optional<std::size_t> splice_blosc(const BloscCodec& codec, ByteView old,
                                        std::span<const ChunkBytes> changed,
                                        std::span<std::byte> elements, const SpliceMemory& memory);
std::uint64_t blosc_splice_bound(const BloscCodec& codec, std::uint64_t bytes);

}  // namespace hls::zarr
