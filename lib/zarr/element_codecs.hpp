// SPDX-License-Identifier: Apache-2.0
// What happens to the elements of a chunk before they become bytes: byte order, order of
// dimensions, differences; and zfp's own coding of floating-point arrays. Internal to zarr.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "zarr/chunk_grid.hpp"
#include "zarr/codec.hpp"
#include "zarr/scratch.hpp"

namespace hls::zarr {

// Reverses the bytes of every unit; `in` and `out` may be the same memory.
void swap_units(ByteView in, std::size_t unit_bytes, std::span<std::byte> out);

// All first bytes of the elements, then all second bytes, ...; in.size() is a multiple of `width`.
void shuffle_bytes(ByteView in, std::size_t width, std::span<std::byte> out);
void unshuffle_bytes(ByteView in, std::size_t width, std::span<std::byte> out);

// Shape of the transposed array. Throws Error{bad_input} unless `order` is a permutation.
Shape transposed(const Shape& shape, const std::vector<std::size_t>& order);
// `shape` is that of the array that is not transposed, in both directions.
void transpose(const Shape& shape, const std::vector<std::size_t>& order, std::size_t element_bytes,
               ByteView in, std::span<std::byte> out);
void transpose_back(const Shape& shape, const std::vector<std::size_t>& order,
                    std::size_t element_bytes, ByteView in, std::span<std::byte> out);

// Integers: every element minus the one before it, modulo 2^bits, in place; and the running sum.
void difference(const DataType& type, std::span<std::byte> elements);
void running_sum(const DataType& type, std::span<std::byte> elements);

// A zfp stream with full header that must hold exactly out.size() bytes of elements of `type`.
void decode_zfp(const DataType& type, ByteView in, std::span<std::byte> out, Scratch& copy);

// numcodecs' vlen-utf8: the number of strings, then each string's length and bytes. Throws
// Error{bad_input} unless there are exactly `count` strings of valid lengths.
std::vector<std::string> decode_strings(ByteView in, std::uint64_t count);

}  // namespace hls::zarr
