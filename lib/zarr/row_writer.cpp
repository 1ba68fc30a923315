// SPDX-License-Identifier: Apache-2.0
#include "zarr/row_writer.hpp"

#include <algorithm>
#include <cstring>

#include "core/error.hpp"
#include "core/parallel.hpp"

namespace hls::zarr {
namespace {

// Indices of the chunks of one row, C order.
std::vector<Shape> chunks_of_row(const Array& array, std::uint64_t chunk_row) {
    const auto& metadata = array.metadata();
    const Shape grid = grid_shape(metadata.shape, metadata.chunk_shape);
    std::vector<Shape> chunks;
    Shape chunk(grid.size(), 0);
    chunk[0] = chunk_row;
    for (;;) {
        chunks.push_back(chunk);
        std::size_t dimension = grid.size();
        while (--dimension > 0 && ++chunk[dimension] == grid[dimension]) chunk[dimension] = 0;
        if (dimension == 0) return chunks;
    }
}

bool all_equal_to(ByteView elements, ByteView fill) {
    if (elements.size() < fill.size()) return true;
    if (std::memcmp(elements.data(), fill.data(), fill.size()) != 0) return false;
    return std::memcmp(elements.data(), elements.data() + fill.size(),
                       elements.size() - fill.size()) == 0;
}

class ChunkRowWriter {
 public:
    ChunkRowWriter(StoreTransaction& transaction, const ObjectStore& store, const Array& array,
                   std::span<const RowPlane> planes, EmptyChunks empty)
        : transaction_(transaction), store_(store), array_(array), planes_(planes), empty_(empty) {}

    void write(const Shape& chunk, bool keep_others) const {
        thread_local CodecBuffers codec;
        thread_local Bytes elements;
        thread_local Bytes old_object;
        const std::string key = array_.key_of(chunk);
        elements.resize(array_.codec().decoded_bytes());
        if (!keep_others || !store_.get(key, old_object))
            fill_box(metadata().chunk_shape, metadata().fill, chunk_span(elements));
        else
            decode(key, old_object, elements, codec);
        for (const RowPlane& plane : planes_) overlay(chunk, plane, elements);
        if (empty_ == EmptyChunks::remove && all_equal_to(elements, metadata().fill))
            transaction_.remove(Phase::data, key);
        else
            transaction_.put(Phase::data, key, array_.codec().encode(elements, codec));
    }

 private:
    const ArrayMetadata& metadata() const { return array_.metadata(); }

    StridedSpan chunk_span(Bytes& elements) const {
        return {elements.data(), dense_strides(metadata().chunk_shape, metadata().type.bytes)};
    }

    void decode(const std::string& key, const Bytes& object, Bytes& elements,
                CodecBuffers& codec) const {
        try {
            array_.codec().decode(object, elements, codec);
        } catch (const Error& error) {
            throw Error{error.code, key + ": " + error.message,
                        "see hls-zarr-update verify --deep --repair"};
        }
    }

    // Copies the part of a row's plane that lies in the chunk.
    void overlay(const Shape& chunk, const RowPlane& plane, Bytes& elements) const {
        const std::size_t rank = metadata().shape.size();
        const std::size_t width = metadata().type.bytes;
        StridedSpan target = chunk_span(elements);
        const auto row_in_chunk = plane.row - chunk[0] * metadata().chunk_shape[0];
        target.data += static_cast<std::ptrdiff_t>(row_in_chunk) * target.strides[0];
        Shape count{1};
        Shape plane_shape{1};
        std::uint64_t first = 0;  // element of the plane where the part starts
        for (std::size_t i = 1; i < rank; ++i) {
            const std::uint64_t origin = chunk[i] * metadata().chunk_shape[i];
            count.push_back(std::min(metadata().chunk_shape[i], metadata().shape[i] - origin));
            plane_shape.push_back(metadata().shape[i]);
            first = first * metadata().shape[i] + origin;
        }
        if (plane.elements == nullptr) return fill_box(count, metadata().fill, target);
        const StridedView source{plane.elements->data() + first * width,
                                 dense_strides(plane_shape, width)};
        copy_box(count, width, source, target);
    }

    StoreTransaction& transaction_;
    const ObjectStore& store_;
    const Array& array_;
    std::span<const RowPlane> planes_;
    EmptyChunks empty_;
};

}  // namespace

void write_chunk_row(StoreTransaction& transaction, const ObjectStore& store, const Array& array,
                     std::uint64_t old_length, std::uint64_t chunk_row,
                     std::span<const RowPlane> planes, EmptyChunks empty, int threads) {
    const auto& metadata = array.metadata();
    const std::uint64_t first = chunk_row * metadata.chunk_shape[0];
    const std::uint64_t end =
        std::min({first + metadata.chunk_shape[0], metadata.shape[0], std::max(old_length, first)});
    const auto present = static_cast<std::size_t>(
        std::ranges::count_if(planes, [&](const RowPlane& plane) { return plane.row < end; }));
    const bool keep_others = present < end - first;
    const ChunkRowWriter writer(transaction, store, array, planes, empty);
    const auto chunks = chunks_of_row(array, chunk_row);
    parallel_for(chunks.size(), threads,
                 [&](std::size_t i) { writer.write(chunks[i], keep_others); });
}

std::vector<std::string> chunk_row_keys(const Array& array, std::uint64_t chunk_row) {
    std::vector<std::string> keys;
    for (const Shape& chunk : chunks_of_row(array, chunk_row)) keys.push_back(array.key_of(chunk));
    return keys;
}

}  // namespace hls::zarr
