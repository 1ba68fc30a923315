// SPDX-License-Identifier: Apache-2.0
#include "zarr/row_writer.hpp"

#include <algorithm>
#include <limits>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "zarr/all_fill.hpp"

namespace hls::zarr {
namespace {

// Indices of the chunks of a band, C order.
std::vector<Shape> chunks_of(const Array& array, const ChunkBand& band) {
    const auto& metadata = array.metadata();
    Shape first(metadata.shape.size(), 0);
    Shape end = grid_shape(metadata.shape, metadata.chunk_shape);
    first[0] = band.chunk_row;
    end[0] = band.chunk_row + 1;
    if (end.size() > 1) {
        first[1] = band.first;
        end[1] = band.end;
    }
    std::vector<Shape> chunks;
    Shape chunk = first;
    for (;;) {
        chunks.push_back(chunk);
        std::size_t d = chunk.size();
        while (d-- > 0 && ++chunk[d] == end[d]) chunk[d] = first[d];
        if (d > chunk.size()) return chunks;  // all of them ran over
    }
}

ChunkBand whole_row(const Array& array, std::uint64_t chunk_row) {
    const auto& metadata = array.metadata();
    const Shape grid = grid_shape(metadata.shape, metadata.chunk_shape);
    return {chunk_row, 0, grid.size() > 1 ? grid[1] : 1};
}

// Of one row of the append axis inside a chunk.
std::uint64_t row_bytes_of(const ArrayMetadata& metadata) {
    std::uint64_t bytes = metadata.type.bytes;
    for (std::size_t i = 1; i < metadata.chunk_shape.size(); ++i) bytes *= metadata.chunk_shape[i];
    return bytes;
}

}  // namespace

std::vector<ChunkBand> bands_of(const Array& array, std::uint64_t chunk_row, std::uint64_t rows,
                                std::uint64_t bytes) {
    const auto& metadata = array.metadata();
    const ChunkBand row = whole_row(array, chunk_row);
    std::uint64_t line = std::max<std::uint64_t>(rows, 1) * metadata.type.bytes;
    for (std::size_t i = 2; i < metadata.shape.size(); ++i) line *= metadata.shape[i];
    const std::uint64_t high = metadata.shape.size() > 1 ? metadata.chunk_shape[1] : 1;
    const std::uint64_t at_once =
        std::max<std::uint64_t>(1, bytes / std::max<std::uint64_t>(1, line) / high);
    std::vector<ChunkBand> bands;
    for (std::uint64_t first = 0; first < row.end; first += at_once)
        bands.push_back({chunk_row, first, std::min(first + at_once, row.end)});
    return bands;
}

std::pair<std::uint64_t, std::uint64_t> extent_of(const Array& array, const ChunkBand& band) {
    const auto& metadata = array.metadata();
    if (metadata.shape.size() < 2) return {0, 1};
    const std::uint64_t high = metadata.chunk_shape[1];
    return {band.first * high, std::min(band.end * high, metadata.shape[1])};
}

// Whether rows that are not given hold anything.
bool ChunkRowWriter::keeps_others(const ChunkBand& band, std::span<const RowPlane> planes) const {
    const std::uint64_t first = band.chunk_row * metadata().chunk_shape[0];
    const std::uint64_t end = std::min(
        {first + metadata().chunk_shape[0], metadata().shape[0], std::max(old_length_, first)});
    const auto present = static_cast<std::size_t>(
        std::ranges::count_if(planes, [&](const RowPlane& plane) { return plane.row < end; }));
    return present < end - first;
}

void ChunkRowWriter::write(const ChunkBand& band, std::span<const RowPlane> planes, int threads) {
    const bool keep_others = keeps_others(band, planes);
    const auto chunks = chunks_of(array_, band);
    parallel_for(chunks.size(), threads,
                 [&](std::size_t i) { write_chunk(chunks[i], band, planes, keep_others); });
}

void ChunkRowWriter::write_chunk(const Shape& chunk, const ChunkBand& band,
                                 std::span<const RowPlane> planes, bool keep_others) {
    const auto buffers = buffers_.take();
    const std::string key = array_.key_of(chunk);
    const auto elements = buffers->elements.take(array_.codec().decoded_bytes());
    const bool keep = keep_others && store_.get(key, buffers->old_object);
    fill_where_needed(chunk, planes, keep, elements);
    for (const RowPlane& plane : planes) overlay(chunk, band, plane, elements);
    const ByteView content = keep ? change(key, planes, elements, *buffers)
                                  : array_.codec().encode(elements, buffers->codec);
    if (empty_ == EmptyChunks::remove && all_fill(elements, metadata().fill))
        transaction_.remove(Phase::data, key);
    else
        transaction_.put(Phase::data, key, content);
}

// Sets to fill what neither a plane covers nor the old object is to fill in.
void ChunkRowWriter::fill_where_needed(const Shape& chunk, std::span<const RowPlane> planes,
                                       bool keep, std::span<std::byte> elements) const {
    const Shape& shape = metadata().chunk_shape;
    bool inside = true;  // no part of the chunk lies beyond the array
    for (std::size_t i = 1; i < shape.size(); ++i)
        inside = inside && (chunk[i] + 1) * shape[i] <= metadata().shape[i];
    const auto strides = dense_strides(shape, metadata().type.bytes);
    if (!keep && planes.size() < shape[0])
        return fill_box(shape, metadata().fill, {elements.data(), strides});
    Shape row = shape;
    row[0] = 1;
    for (const RowPlane& plane : planes) {
        if (inside && !plane.elements.empty()) continue;
        const auto at = static_cast<std::ptrdiff_t>(row_in_chunk(plane)) * strides[0];
        fill_box(row, metadata().fill, {elements.data() + at, strides});
    }
}

// The old object with the rows of `planes` replaced by those of `elements`. If they are all fill,
// whether the whole chunk is must be seen in `elements`, which therefore is made complete.
ByteView ChunkRowWriter::change(const std::string& key, std::span<const RowPlane> planes,
                                std::span<std::byte> elements, Buffers& buffers) const {
    const std::uint64_t row_bytes = row_bytes_of(metadata());
    std::vector<ChunkBytes> changed;
    bool fill = true;
    for (const RowPlane& plane : planes) {
        changed.push_back({row_in_chunk(plane) * row_bytes, row_bytes});
        fill = fill && all_fill(elements.subspan(changed.back().first, row_bytes), metadata().fill);
    }
    try {
        if (!fill && transaction_.made(key, buffers.old_object))
            return array_.codec().encode_changed(buffers.old_object, changed, elements,
                                                 buffers.codec);
        const auto old = buffers.old_chunk.take(elements.size());
        array_.codec().decode(buffers.old_object, old, buffers.codec);
        for (const ChunkBytes& range : changed)
            std::ranges::copy(elements.subspan(range.first, range.bytes),
                              old.begin() + static_cast<std::ptrdiff_t>(range.first));
        std::ranges::copy(old, elements.begin());
        return array_.codec().encode(elements, buffers.codec);
    } catch (const Error& error) {
        throw Error{error.code, key + ": " + error.message,
                    "see hls-zarr-update verify --deep --repair"};
    }
}

// Copies the part of a row's plane that lies in the chunk.
void ChunkRowWriter::overlay(const Shape& chunk, const ChunkBand& band, const RowPlane& plane,
                             std::span<std::byte> elements) const {
    if (plane.elements.empty()) return;  // it is fill already
    const std::size_t rank = metadata().shape.size();
    const std::size_t width = metadata().type.bytes;
    StridedSpan target{elements.data(), dense_strides(metadata().chunk_shape, width)};
    target.data += static_cast<std::ptrdiff_t>(row_in_chunk(plane)) * target.strides[0];
    const auto [band_first, band_end] = extent_of(array_, band);
    Shape count{1};
    Shape plane_shape{1};
    std::uint64_t first = 0;  // element of the plane where the part starts
    for (std::size_t i = 1; i < rank; ++i) {
        const std::uint64_t origin = chunk[i] * metadata().chunk_shape[i];
        count.push_back(std::min(metadata().chunk_shape[i], metadata().shape[i] - origin));
        plane_shape.push_back(i == 1 ? band_end - band_first : metadata().shape[i]);
        first = first * plane_shape.back() + origin - (i == 1 ? band_first : 0);
    }
    const StridedView source{plane.elements.data() + first * width,
                             dense_strides(plane_shape, width)};
    copy_box(count, width, source, target);
}

std::vector<std::string> chunk_row_keys(const Array& array, std::uint64_t chunk_row) {
    std::vector<std::string> keys;
    for (const Shape& chunk : chunks_of(array, whole_row(array, chunk_row)))
        keys.push_back(array.key_of(chunk));
    return keys;
}

}  // namespace hls::zarr
