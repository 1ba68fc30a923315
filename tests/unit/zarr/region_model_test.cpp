// SPDX-License-Identifier: Apache-2.0
// Random writes, clears, appends and reads of regions against a plain array in memory.
#include <gtest/gtest.h>

#include <cstring>

#include "random_array.hpp"
#include "zarr/array.hpp"

namespace hls::zarr {
namespace {

// The array as a reader should see it.
struct Model {
    Shape shape;
    std::size_t element_bytes;
    Bytes elements;

    StridedSpan span() { return {elements.data(), dense_strides(shape, element_bytes)}; }
    Bytes read(const Region& region) {
        Bytes out(region.elements() * element_bytes);
        const auto all = span();
        copy_box(region.count, element_bytes,
                 moved(StridedView{all.data, all.strides}, region.start),
                 {out.data(), dense_strides(region.count, element_bytes)});
        return out;
    }
    void write(const Region& region, const StridedView& from) {
        copy_box(region.count, element_bytes, from, moved(span(), region.start));
    }
    void clear(const Region& region, ByteView fill) {
        fill_box(region.count, fill, moved(span(), region.start));
    }
    void grow(const Shape& larger, ByteView fill) {
        Model grown{larger, element_bytes, {}};
        grown.elements.resize(whole(larger).elements() * element_bytes);
        grown.clear(whole(larger), fill);
        const auto all = span();
        grown.write(whole(shape), {all.data, all.strides});
        *this = std::move(grown);
    }
};

Region random_region(Random& random, const Shape& shape) {
    Region region;
    for (const auto n : shape) {
        region.start.push_back(below(random, n));
        region.count.push_back(1 + below(random, n - region.start.back()));
    }
    return region;
}

// Source memory whose rows are not dense, as when a part of a larger image is written.
struct Source {
    Bytes memory;
    StridedView view;
};

Source random_source(Random& random, const ArrayMetadata& array, const Shape& count) {
    Shape padded = count;
    if (below(random, 2) == 0)
        for (auto& n : padded) n += below(random, 3);
    Source source;
    source.memory = random_elements(random, array.type, array.fill, whole(padded).elements());
    source.view = {source.memory.data(), dense_strides(padded, array.type.bytes)};
    return source;
}

void clear_region(MemoryStore& store, const Array& array, const Region& region) {
    EncodeBuffers buffers;
    for (const auto& part :
         chunk_parts(array.metadata().shape, array.metadata().chunk_shape, region)) {
        const auto key = array.key_of(part.chunk);
        const bool there = store.get(key, buffers.old_object);
        const ByteView old(buffers.old_object);
        const auto object =
            encode_fill(array, part, array.metadata().fill, there ? &old : nullptr, buffers);
        if (object.all_fill)
            store.remove(key);
        else
            store.put(key, object.content);
    }
}

// A foreign writer that leaves anything at all in the padding of its chunks.
void spoil_padding(Random& random, MemoryStore& store, const Array& array) {
    ArrayMetadata larger = array.metadata();
    for (std::size_t d = 0; d < larger.shape.size(); ++d)
        larger.shape[d] = grid_shape(larger.shape, larger.chunk_shape)[d] * larger.chunk_shape[d];
    const Array spoiled(array.path(), larger);
    auto values = spoiled.read(store, spoiled.whole());
    const auto noise =
        random_elements(random, larger.type, larger.fill, spoiled.whole().elements());
    const auto strides = dense_strides(larger.shape, larger.type.bytes);
    Bytes mixed = noise;
    copy_box(array.metadata().shape, larger.type.bytes, {values.data(), strides},
             {mixed.data(), strides});
    write_region(store, spoiled, spoiled.whole(), {mixed.data(), strides});
}

void run_array(Random& random, int operations) {
    ArrayMetadata metadata = random_array(random);
    MemoryStore store;
    Model model{metadata.shape, metadata.type.bytes, {}};
    model.elements.resize(whole(metadata.shape).elements() * metadata.type.bytes);
    model.clear(whole(metadata.shape), metadata.fill);
    Array array("a/b", metadata);
    for (int i = 0; i < operations; ++i) {
        const auto region = random_region(random, metadata.shape);
        switch (below(random, 8)) {
            case 0:
                clear_region(store, array, region);
                model.clear(region, metadata.fill);
                break;
            case 1: {
                const auto published = metadata.shape;
                metadata.shape[below(random, metadata.shape.size())] += 1 + below(random, 3);
                if (whole(metadata.shape).elements() > 4000) metadata.shape = published;
                if (below(random, 2) == 0) spoil_padding(random, store, array);
                array = Array("a/b", metadata);
                array.set_published_shape(published);
                // An append rewrites the chunks that the array grows into.
                const auto all = array.whole();
                model.grow(metadata.shape, metadata.fill);
                const auto values = model.read(all);
                write_region(store, array, all,
                             {values.data(), dense_strides(all.count, metadata.type.bytes)});
                array = Array("a/b", metadata);
                break;
            }
            default: {
                const auto source = random_source(random, metadata, region.count);
                write_region(store, array, region, source.view,
                             1 + static_cast<int>(below(random, 2)),
                             below(random, 2) == 0 ? EmptyChunks::remove : EmptyChunks::write);
                model.write(region, source.view);
            }
        }
        const auto asked = random_region(random, metadata.shape);
        ASSERT_EQ(array.read(store, asked), model.read(asked)) << "operation " << i;
        if (i % 8 == 0) {
            ASSERT_EQ(array.read(store, array.whole()), model.elements) << "operation " << i;
        }
    }
}

TEST(RegionModel, RandomOperationsAgree) {
    Random random(20261121);
    for (int round = 0; round < 500; ++round) {
        SCOPED_TRACE(round);
        ASSERT_NO_FATAL_FAILURE(run_array(random, 20));
    }
}

// Part of a chunk written with the store one step ahead: padding of the old object is not data.
TEST(RegionModel, PaddingOfForeignWritersIsNotData) {
    Random random(7);
    ArrayMetadata metadata;
    metadata.type = kInt16;
    metadata.shape = {5, 6};
    metadata.chunk_shape = {4, 4};
    metadata.fill = element_from_double(kInt16, -9999);
    metadata.codecs = {BytesCodec{}, ZstdCodec{1, false}};
    MemoryStore store;
    Array array("", metadata);
    const Bytes ones(5 * 6 * 2, std::byte{1});
    write_region(store, array, array.whole(), {ones.data(), {12, 2}});
    spoil_padding(random, store, array);

    metadata.shape = {7, 6};
    Array grown("", metadata);
    grown.set_published_shape({5, 6});
    const Bytes twos(6 * 2, std::byte{2});
    write_region(store, grown, {{6, 0}, {1, 6}}, {twos.data(), {12, 2}});
    const auto fills = grown.read(store, {{5, 0}, {1, 6}});
    for (std::size_t i = 0; i < fills.size(); i += 2)
        EXPECT_EQ(Bytes(fills.begin() + static_cast<std::ptrdiff_t>(i),
                        fills.begin() + static_cast<std::ptrdiff_t>(i) + 2),
                  metadata.fill);
    EXPECT_EQ(grown.read(store, {{6, 0}, {1, 6}}), twos);
    EXPECT_EQ(grown.read(store, {{0, 0}, {5, 6}}), ones);
}

// Where GDAL 3.6 loses data: the last step of a chunk, a corner pixel, the first index.
TEST(RegionModel, NeighboursSurviveWritesAtTheEdges) {
    ArrayMetadata metadata;
    metadata.type = kInt32;
    metadata.shape = {8, 10};
    metadata.chunk_shape = {4, 8};
    metadata.fill = element_from_double(kInt32, 0);
    metadata.codecs = {BytesCodec{}, BloscCodec{"lz4", 5, Shuffle::byte, 4, 0}};
    const Array array("", metadata);
    MemoryStore store;
    std::vector<std::int32_t> expected(80, 0);
    const auto write = [&](std::uint64_t row, std::uint64_t col, std::uint64_t cols, int value) {
        const std::vector<std::int32_t> values(cols, value);
        write_region(store, array, {{row, col}, {1, cols}},
                     {std::as_bytes(std::span(values)).data(), {40, 4}});
        std::fill_n(expected.begin() + static_cast<std::ptrdiff_t>(row * 10 + col), cols, value);
        const auto all = array.read(store, array.whole());
        ASSERT_EQ(std::memcmp(all.data(), expected.data(), all.size()), 0) << row << "," << col;
    };
    for (const std::uint64_t row : {0u, 1u, 2u, 3u, 4u, 5u, 6u, 7u})
        write(row, 0, 10, 100 + static_cast<int>(row));
    write(7, 0, 10, 7);  // the last step of the last chunk
    write(7, 9, 1, -1);  // the corner
    write(0, 0, 1, -2);  // the first element
    write(3, 8, 2, -3);  // the last step of the first row of chunks
}

}  // namespace
}  // namespace hls::zarr
