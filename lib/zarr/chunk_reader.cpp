// SPDX-License-Identifier: Apache-2.0
#include "zarr/chunk_reader.hpp"

#include <fmt/format.h>

#include "core/error.hpp"

namespace hls::zarr {
namespace {

// Inner chunks of a shard are fetched one by one only while they are few: a request for each of
// many costs more than the bytes it saves.
bool worth_single_requests(const ChunkPart& part, const ChunkCodec& inner, const Shape& grid) {
    std::uint64_t wanted = 1;
    std::uint64_t all = 1;
    for (std::size_t d = 0; d < grid.size(); ++d) {
        const auto width = inner.layout().shape[d];
        wanted *= (part.in_chunk[d] + part.count[d] - 1) / width - part.in_chunk[d] / width + 1;
        all *= grid[d];
    }
    return wanted * 2 <= all;
}

}  // namespace

void ChunkReader::read(const ObjectStore& store, const Array& array, const ChunkPart& part,
                       const StridedSpan& target) {
    const auto key = array.key_of(part.chunk);
    try {
        const auto* inner = array.codec().inner();
        auto answer = Answer::changed;
        if (inner != nullptr && worth_single_requests(part, *inner, array.codec().inner_grid()))
            answer = read_inner(store, array, key, part, target);
        if (answer == Answer::changed) {
            answer = store.get(key, object_, array.codec().max_encoded_bytes()) ? Answer::done
                                                                                : Answer::missing;
            if (answer == Answer::done) read_whole(array, part, target);
        }
        if (answer == Answer::missing) fill_box(part.count, array.metadata().fill, target);
    } catch (const Error& error) {
        if (error.message.starts_with(key)) throw;
        throw Error{error.code, fmt::format("{}: {}", key, error.message), error.hint};
    }
}

void ChunkReader::read_whole(const Array& array, const ChunkPart& part, const StridedSpan& target) {
    const auto& layout = array.codec().layout();
    const auto strides = dense_strides(layout.shape, layout.type.bytes);
    if (part.count == layout.shape && target.strides == strides)
        return array.codec().decode(object_, {target.data, array.codec().decoded_bytes()},
                                    buffers_);
    const auto chunk = chunk_.take(array.codec().decoded_bytes());
    array.codec().decode(object_, chunk, buffers_);
    copy_box(part.count, layout.type.bytes,
             moved(StridedView{chunk.data(), strides}, part.in_chunk), target);
}

// Index and inner chunks come by separate requests. If a writer replaced the shard in between, they
// do not belong together: the version before and after tells.
ChunkReader::Answer ChunkReader::read_inner(const ObjectStore& store, const Array& array,
                                            const std::string& key, const ChunkPart& part,
                                            const StridedSpan& target) {
    const auto& codec = array.codec();
    const auto& inner = *codec.inner();
    const auto& shape = inner.layout().shape;
    const auto width = inner.layout().type.bytes;
    const auto before = store.head(key);
    if (!before) return Answer::missing;
    try {
        if (!store.get_range(key, codec.index_range(), object_)) return Answer::changed;
        const auto entries = codec.decode_index(object_, buffers_);
        const auto chunk = chunk_.take(inner.decoded_bytes());
        const StridedView decoded{chunk.data(), dense_strides(shape, width)};
        const auto grid_strides = dense_strides(codec.inner_grid(), 1);
        for (const auto& one :
             chunk_parts(codec.layout().shape, shape, Region{part.in_chunk, part.count})) {
            std::size_t number = 0;
            for (std::size_t d = 0; d < grid_strides.size(); ++d)
                number += one.chunk[d] * static_cast<std::size_t>(grid_strides[d]);
            const auto to = moved(target, one.in_region);
            if (!entries[number]) {
                fill_box(one.count, codec.layout().fill, to);
                continue;
            }
            if (!store.get_range(key, *entries[number], object_)) return Answer::changed;
            inner.decode(object_, chunk, buffers_);
            copy_box(one.count, width, moved(decoded, one.in_chunk), to);
        }
    } catch (const Error& error) {
        // Damage, or a shard that was just replaced: reading it whole will tell.
        if (error.code != Exit::bad_input) throw;
        return Answer::changed;
    }
    return store.head(key) == before ? Answer::done : Answer::changed;
}

std::vector<std::string> ChunkReader::read_text(const ObjectStore& store, const Array& array,
                                                const ChunkPart& part) {
    const auto key = array.key_of(part.chunk);
    if (!store.get(key, object_, array.codec().max_encoded_bytes())) return {};
    try {
        return array.codec().decode_text(object_, buffers_);
    } catch (const Error& error) {
        throw Error{error.code, fmt::format("{}: {}", key, error.message), error.hint};
    }
}

}  // namespace hls::zarr
