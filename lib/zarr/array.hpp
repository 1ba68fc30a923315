// SPDX-License-Identifier: Apache-2.0
// Regions of one array: read from its store, and turned into the objects that hold them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "zarr/chunk_grid.hpp"
#include "zarr/codec.hpp"
#include "zarr/metadata.hpp"
#include "zarr/object_store.hpp"

namespace hls::zarr {

// Larger metadata documents are refused unread.
inline constexpr std::uint64_t kMaxMetadataBytes = std::uint64_t{64} << 20;
// Larger regions are not read into one piece of memory.
inline constexpr std::uint64_t kMaxRegionBytes = std::uint64_t{16} << 30;

// An array as its metadata describes it; the shape may be ahead of what the store has published,
// which is how an append is prepared. Safe to use from several threads.
class Array {
 public:
    // `path` is the node's path inside the store, "" for an array at the root. Does not look at the
    // store. Throws Error{bad_input} if the metadata do not make sense together.
    Array(std::string path, ArrayMetadata metadata);
    Array(Array&&) noexcept;
    Array& operator=(Array&&) noexcept;
    ~Array();

    // Reads the node's own metadata document(s). Error{missing_input} if there is no array.
    static Array open(const ObjectStore& store, std::string path);

    const std::string& path() const { return path_; }
    const ArrayMetadata& metadata() const { return metadata_; }
    const ChunkCodec& codec() const { return codec_; }
    Region whole() const { return zarr::whole(metadata_.shape); }
    // Key of an object inside the store.
    std::string key_of(const Shape& chunk) const;

    // The shape up to which the objects in the store count, by default the metadata's. What an old
    // object holds beyond is padding of any content and becomes fill when an append makes it part
    // of the array.
    const Shape& published_shape() const { return published_shape_; }
    void set_published_shape(Shape shape) { published_shape_ = std::move(shape); }

    // Decodes `region` into `out` (C order, native byte order, exactly elements() * type.bytes).
    // Missing chunks read as the fill value. Sharded arrays fetch only the inner chunks they need.
    // A damaged or foreign object is Error{bad_input} that names its key.
    void read(const ObjectStore& store, const Region& region, std::span<std::byte> out,
              int threads = 1) const;
    Bytes read(const ObjectStore& store, const Region& region, int threads = 1) const;
    // For variable_text.
    std::vector<std::string> read_text(const ObjectStore& store, const Region& region) const;

 private:
    std::string path_;
    ArrayMetadata metadata_;
    ChunkCodec codec_;
    Shape published_shape_;
};

// Memory of one encoding thread.
struct EncodeBuffers {
    Bytes old_object;  // free for the caller: what the store holds
    Bytes chunk;       // decoded
    CodecBuffers codec;
};

struct EncodedObject {
    ByteView content;       // valid until the buffers are used again
    bool all_fill = false;  // every element is the fill value: the object may be left away
};

// The object of part.chunk after the elements of `part` became those of `source` (its origin is the
// region's origin, strides in bytes, native byte order).
//
// `old_object` is the present content, nullptr if there is none; it is not looked at when
// part.whole_chunk. Elements of the chunk outside the part keep their values (or fill); padding
// beyond the array's shape is set to fill, so that equal arrays have equal bytes.
// Throws Error{bad_input} naming the key if `old_object` is damaged.
EncodedObject encode_part(const Array& array, const ChunkPart& part, const StridedView& source,
                          const ByteView* old_object, EncodeBuffers& buffers);

// The same with one value for all elements of the part, for clearing a region.
EncodedObject encode_fill(const Array& array, const ChunkPart& part, ByteView element,
                          const ByteView* old_object, EncodeBuffers& buffers);

// Encodes every object that a region touches, on `threads` threads: reads the old one from `store`
// where the region covers only part of it, and calls body(key, object) from any of the threads, in
// no order. `source` as in encode_part().
void encode_region(const ObjectStore& store, const Array& array, const Region& region,
                   const StridedView& source, int threads,
                   const std::function<void(const std::string&, const EncodedObject&)>& body);

// Puts every object of a region into the store. Objects that are all fill are removed if that is
// what `empty` says. No transaction: a crash in between leaves whole objects, some new, some old.
enum class EmptyChunks { remove, write };
void write_region(ObjectStore& store, const Array& array, const Region& region,
                  const StridedView& source, int threads = 1,
                  EmptyChunks empty = EmptyChunks::remove);

}  // namespace hls::zarr
