// SPDX-License-Identifier: Apache-2.0
// Rows of an append axis, written by transactions in random batches and bands, against an array in
// memory: the same elements, and the same bytes as if all had been written at once.
#include "zarr/row_writer.hpp"

#include <gtest/gtest.h>

#include <set>

#include "random_array.hpp"
#include "temporary_folder.hpp"

namespace hls::zarr {
namespace {

class RowWriterTest : public testing::Test {
 protected:
    RowWriterTest()
        : state_(folder_ / "state", StateFolder::Open::create),
          writer_(state_, "test"),
          access_{store_, nullptr, DurableFiles()} {}

    Array array() const {
        ArrayMetadata metadata = metadata_;
        metadata.shape[0] = length_;
        return Array("", std::move(metadata));
    }
    std::uint64_t plane_bytes() const {
        std::uint64_t bytes = metadata_.type.bytes;
        for (std::size_t i = 1; i < metadata_.shape.size(); ++i) bytes *= metadata_.shape[i];
        return bytes;
    }
    Bytes fill_plane() const {
        Bytes plane;
        while (plane.size() < plane_bytes())
            plane.insert(plane.end(), metadata_.fill.begin(), metadata_.fill.end());
        return plane;
    }

    // The lines of a plane that a band covers.
    Bytes cut(const Bytes& plane, const Array& array, const ChunkBand& band) const {
        const auto [first, end] = extent_of(array, band);
        const std::uint64_t lines = metadata_.shape.size() > 1 ? metadata_.shape[1] : 1;
        const auto line = static_cast<std::ptrdiff_t>(plane.size() / lines);
        return {plane.begin() + static_cast<std::ptrdiff_t>(first) * line,
                plane.begin() + static_cast<std::ptrdiff_t>(end) * line};
    }

    // One transaction: some rows of one row of chunks get new elements, or become fill.
    void write_some_rows(Random& random) {
        const std::uint64_t old_length = length_;
        const std::uint64_t per_chunk = metadata_.chunk_shape[0];
        const std::uint64_t chunk_row = below(random, (length_ + 2) / per_chunk + 1);
        std::set<std::uint64_t> rows;
        for (std::uint64_t i = 0; i < 1 + below(random, per_chunk); ++i)
            rows.insert(chunk_row * per_chunk + below(random, per_chunk));
        length_ = std::max(length_, *rows.rbegin() + 1);
        model_.resize(length_, fill_plane());
        const std::uint64_t elements = plane_bytes() / metadata_.type.bytes;
        for (const std::uint64_t row : rows)
            model_[row] = below(random, 5) == 0
                              ? fill_plane()
                              : random_elements(random, metadata_.type, metadata_.fill, elements);
        const Array array = this->array();
        StoreTransaction transaction(writer_, access_);
        ChunkRowWriter chunk_rows(transaction, store_, array, old_length, empty_);
        const std::uint64_t memory = 1 + below(random, 4 * plane_bytes());
        for (const ChunkBand& band : bands_of(array, chunk_row, rows.size(), memory)) {
            std::vector<Bytes> parts;
            std::vector<RowPlane> planes;
            for (const std::uint64_t row : rows) parts.push_back(cut(model_[row], array, band));
            std::size_t i = 0;
            for (const std::uint64_t row : rows) {
                const bool fill = model_[row] == fill_plane();
                planes.push_back({row, fill ? ByteView() : ByteView(parts[i])});
                ++i;
            }
            chunk_rows.write(band, planes, 1 + static_cast<int>(below(random, 3)));
        }
        OwnerLocks publish(writer_, {kPublishLock});
        transaction.commit({}, 1, [] {});
    }

    void expect_equal() {
        const Array array = this->array();
        Bytes all;
        for (const Bytes& plane : model_) all.insert(all.end(), plane.begin(), plane.end());
        ASSERT_EQ(array.read(store_, array.whole()), all);
        MemoryStore at_once;
        const StridedView source{all.data(),
                                 dense_strides(array.metadata().shape, metadata_.type.bytes)};
        encode_region(at_once, array, array.whole(), source, 1,
                      [&](const std::string& key, const EncodedObject& object) {
                          Bytes content;
                          const bool there = store_.get(key, content, ObjectStore::kMaxBytes);
                          const bool away = empty_ == EmptyChunks::remove && object.all_fill;
                          EXPECT_TRUE(there != away || object.all_fill) << key;
                          EXPECT_FALSE(there && away) << key;
                          if (there) {
                              EXPECT_TRUE(std::ranges::equal(content, object.content)) << key;
                          }
                      });
    }

    void start(ArrayMetadata metadata, EmptyChunks empty) {
        metadata_ = std::move(metadata);
        empty_ = empty;
        length_ = 0;
        model_.clear();
        for (const auto& object : store_.list("")) store_.remove(object.key);
        state_.db().execute("DELETE FROM object");
    }

    TemporaryFolder folder_;
    StateFolder state_;
    Writer writer_;
    MemoryStore store_;
    StoreAccess access_;
    ArrayMetadata metadata_;
    EmptyChunks empty_ = EmptyChunks::remove;
    std::uint64_t length_ = 0;
    std::vector<Bytes> model_;  // a plane for every row
};

TEST_F(RowWriterTest, AnyArrayAnyOrder) {
    Random random(11);
    for (int trial = 0; trial < 120; ++trial) {
        start(random_array(random),
              below(random, 2) == 0 ? EmptyChunks::remove : EmptyChunks::write);
        for (int step = 0; step < 8; ++step) {
            write_some_rows(random);
            ASSERT_NO_FATAL_FAILURE(expect_equal()) << "trial " << trial << " step " << step;
        }
    }
}

// Chunks of many compression blocks, where those that do not change are taken over.
TEST_F(RowWriterTest, ChunksOfManyBlocks) {
    Random random(12);
    for (const char* compressor : {"lz4", "zstd", "blosclz"}) {
        ArrayMetadata metadata;
        metadata.type = kInt16;
        metadata.shape = {0, 70, 90};
        metadata.chunk_shape = {5, 32, 64};
        metadata.fill = {std::byte{0xf1}, std::byte{0xd8}};
        metadata.codecs = {BytesCodec{}, BloscCodec{compressor, 1, Shuffle::byte, 2, 1024}};
        start(metadata, EmptyChunks::remove);
        for (int step = 0; step < 25; ++step) {
            write_some_rows(random);
            ASSERT_NO_FATAL_FAILURE(expect_equal()) << compressor << " step " << step;
        }
    }
}

// An object that somebody else has written is decoded, not taken over.
TEST_F(RowWriterTest, ForeignObjectsAreDecoded) {
    Random random(13);
    ArrayMetadata metadata;
    metadata.type = kInt16;
    metadata.shape = {0, 40, 40};
    metadata.chunk_shape = {4, 40, 40};
    metadata.fill = {std::byte{0}, std::byte{0}};
    metadata.codecs = {BytesCodec{}, BloscCodec{"zstd", 1, Shuffle::byte, 2, 1024}};
    start(metadata, EmptyChunks::write);
    for (int step = 0; step < 4; ++step) write_some_rows(random);
    for (const auto& object : store_.list("")) {
        // The same elements at another level: other bytes.
        Bytes content;
        store_.get(object.key, content, ObjectStore::kMaxBytes);
        const Array array = this->array();
        CodecBuffers buffers;
        Bytes elements(array.codec().decoded_bytes());
        array.codec().decode(content, elements, buffers);
        ArrayMetadata other = array.metadata();
        other.codecs[1] = BloscCodec{"lz4", 9, Shuffle::byte, 2, 0};
        store_.put(object.key, Array("", other).codec().encode(elements, buffers));
    }
    for (int step = 0; step < 6; ++step) write_some_rows(random);
    Bytes all;
    for (const Bytes& plane : model_) all.insert(all.end(), plane.begin(), plane.end());
    EXPECT_EQ(array().read(store_, array().whole()), all);
}

}  // namespace
}  // namespace hls::zarr
