// SPDX-License-Identifier: Apache-2.0
#include "zarr/shard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "core/error.hpp"
#include "zarr/all_fill.hpp"

namespace hls::zarr {
namespace {

constexpr std::uint64_t kNothing = std::numeric_limits<std::uint64_t>::max();

Shape inner_grid_of(const Shape& shape, const Shape& inner) {
    bool divides = shape.size() == inner.size();
    Shape grid(shape.size());
    for (std::size_t d = 0; divides && d < shape.size(); ++d) {
        divides = inner[d] > 0 && shape[d] % inner[d] == 0;
        if (divides) grid[d] = shape[d] / inner[d];
    }
    if (!divides)
        throw Error{Exit::bad_input, "sharding_indexed: inner chunks do not divide the shard"};
    return grid;
}

ChunkLayout index_layout(Shape grid) {
    grid.push_back(2);
    return {kUint64, std::move(grid), Bytes(8, std::byte{0xFF})};
}

// The index must have the same size in every shard, or nobody finds it.
std::uint64_t fixed_index_bytes(const ShardingCodec& codec, std::size_t decoded_bytes) {
    std::uint64_t bytes = decoded_bytes;
    for (const auto& one : codec.index_codecs) {
        const auto* checksum = std::get_if<ChecksumCodec>(&one);
        if (checksum != nullptr && checksum->kind == ChecksumCodec::Kind::crc32c)
            bytes += 4;
        else if (!std::holds_alternative<BytesCodec>(one))
            throw Error{Exit::bad_input,
                        "sharding_indexed: index_codecs other than bytes and crc32c"};
    }
    return bytes;
}

}  // namespace

Shard::Shard(const ChunkLayout& layout, const ShardingCodec& codec)
    : layout_(layout),
      grid_(inner_grid_of(layout.shape, codec.chunk_shape)),
      inner_({layout.type, codec.chunk_shape, layout.fill}, codec.codecs),
      index_codec_(index_layout(grid_), codec.index_codecs),
      index_bytes_(fixed_index_bytes(codec, index_codec_.decoded_bytes())),
      index_at_start_(codec.index_at_start) {}

ByteRange Shard::index_range() const {
    if (index_at_start_) return {0, index_bytes_, false};
    return {index_bytes_, index_bytes_, true};
}

std::uint64_t Shard::encoded_bound() const {
    std::uint64_t count = 1;
    for (const auto n : grid_) count *= n;
    return index_bytes_ + count * inner_.encoded_bound();
}

std::uint64_t Shard::plausible_bound() const {
    std::uint64_t count = 1;
    for (const auto n : grid_) count *= n;
    // Writers that update shards in place may leave gaps.
    return index_bytes_ + 2 * count * inner_.max_encoded_bytes();
}

void Shard::require_writable() const {
    inner_.require_writable();
}

StridedSpan Shard::place(std::uint64_t number, std::span<std::byte> elements) const {
    const auto strides = dense_strides(layout_.shape, layout_.type.bytes);
    std::ptrdiff_t offset = 0;
    for (std::size_t d = grid_.size(); d-- > 0; number /= grid_[d])
        offset +=
            static_cast<std::ptrdiff_t>(number % grid_[d] * inner_.layout().shape[d]) * strides[d];
    return {elements.data() + offset, strides};
}

ByteView Shard::encode(ByteView elements, Scratch& out, ShardBuffers& buffers) const {
    const auto object = out.take(encoded_bound());
    const auto index = buffers.index.take(index_codec_.decoded_bytes());
    const auto chunk = buffers.chunk.take(inner_.decoded_bytes());
    const auto& inner_shape = inner_.layout().shape;
    const auto chunk_strides = dense_strides(inner_shape, layout_.type.bytes);
    // Only read through: place() also serves decoding.
    const std::span<std::byte> readable{const_cast<std::byte*>(elements.data()), elements.size()};
    std::size_t at = index_at_start_ ? index_bytes_ : 0;
    for (std::uint64_t number = 0; number < index.size() / 16; ++number) {
        const auto from = place(number, readable);
        copy_box(inner_shape, layout_.type.bytes, {from.data, from.strides},
                 {chunk.data(), chunk_strides});
        std::uint64_t entry[2] = {kNothing, kNothing};
        if (!all_fill(chunk, layout_.fill)) {
            const auto encoded = inner_.encode(chunk, buffers.inner);
            std::memcpy(object.data() + at, encoded.data(), encoded.size());
            entry[0] = at;
            entry[1] = encoded.size();
            at += encoded.size();
        }
        std::memcpy(index.data() + 16 * number, entry, 16);
    }
    const auto encoded_index = index_codec_.encode(index, buffers.inner);
    std::memcpy(object.data() + (index_at_start_ ? 0 : at), encoded_index.data(),
                encoded_index.size());
    return object.first(index_at_start_ ? at : at + encoded_index.size());
}

std::vector<std::optional<ByteRange>> Shard::decode_index(ByteView encoded,
                                                          ShardBuffers& buffers) const {
    const auto index = buffers.index.take(index_codec_.decoded_bytes());
    index_codec_.decode(encoded, index, buffers.inner);
    std::vector<std::optional<ByteRange>> entries(index.size() / 16);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        std::uint64_t entry[2];
        std::memcpy(entry, index.data() + 16 * i, 16);
        if (entry[0] == kNothing && entry[1] == kNothing) continue;
        if (entry[0] > kNothing - entry[1] || entry[1] > inner_.max_encoded_bytes())
            throw Error{Exit::bad_input, "sharding_indexed: damaged index"};
        entries[i] = ByteRange{entry[0], entry[1], false};
    }
    return entries;
}

void Shard::decode(ByteView encoded, std::span<std::byte> elements, ShardBuffers& buffers) const {
    if (encoded.size() < index_bytes_)
        throw Error{Exit::bad_input, "sharding_indexed: shorter than its index"};
    const auto entries = decode_index(
        index_at_start_ ? encoded.first(index_bytes_) : encoded.last(index_bytes_), buffers);
    const auto chunk = buffers.chunk.take(inner_.decoded_bytes());
    const auto& inner_shape = inner_.layout().shape;
    const auto chunk_strides = dense_strides(inner_shape, layout_.type.bytes);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const auto to = place(i, elements);
        if (!entries[i]) {
            fill_box(inner_shape, layout_.fill, to);
            continue;
        }
        if (entries[i]->offset > encoded.size() ||
            entries[i]->bytes > encoded.size() - entries[i]->offset)
            throw Error{Exit::bad_input, "sharding_indexed: an inner chunk lies outside the shard"};
        inner_.decode(encoded.subspan(entries[i]->offset, entries[i]->bytes), chunk, buffers.inner);
        copy_box(inner_shape, layout_.type.bytes, {chunk.data(), chunk_strides}, to);
    }
}

}  // namespace hls::zarr
