// SPDX-License-Identifier: Apache-2.0
#include "zarr/array.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "zarr/all_fill.hpp"
#include "zarr/chunk_reader.hpp"
#include "zarr/scratch.hpp"

namespace hls::zarr {
namespace {

bool dense(const Shape& shape, std::size_t element_bytes,
           const std::vector<std::ptrdiff_t>& strides) {
    auto expected = static_cast<std::ptrdiff_t>(element_bytes);
    for (std::size_t d = shape.size(); d-- > 0;) {
        if (shape[d] != 1 && strides[d] != expected) return false;
        expected *= static_cast<std::ptrdiff_t>(shape[d]);
    }
    return true;
}

// Sets what lies outside `valid` (the shape of an array) to fill.
void fill_beyond(const Shape& valid, const ChunkLayout& layout, const Shape& chunk,
                 std::span<std::byte> elements) {
    const auto strides = dense_strides(layout.shape, layout.type.bytes);
    for (std::size_t d = 0; d < layout.shape.size(); ++d) {
        const std::uint64_t origin = chunk[d] * layout.shape[d];
        const std::uint64_t inside =
            valid[d] <= origin ? 0 : std::min(valid[d] - origin, layout.shape[d]);
        if (inside == layout.shape[d]) continue;
        Shape count = layout.shape;
        Shape at(layout.shape.size(), 0);
        count[d] -= inside;
        at[d] = inside;
        fill_box(count, layout.fill, moved(StridedSpan{elements.data(), strides}, at));
    }
}

// The chunk as it was, before the part is put in.
std::span<std::byte> old_chunk(const Array& array, const ChunkPart& part,
                               const ByteView* old_object, EncodeBuffers& buffers) {
    const auto& layout = array.codec().layout();
    buffers.chunk.resize(array.codec().decoded_bytes());
    const std::span<std::byte> chunk(buffers.chunk);
    if (part.whole_chunk || old_object == nullptr) {
        if (part.count != layout.shape)
            fill_box(layout.shape, layout.fill,
                     {chunk.data(), dense_strides(layout.shape, layout.type.bytes)});
        return chunk;
    }
    try {
        array.codec().decode(*old_object, chunk, buffers.codec);
    } catch (const Error& error) {
        throw Error{error.code, fmt::format("{}: {}", array.key_of(part.chunk), error.message),
                    error.hint};
    }
    Shape valid = array.published_shape();
    for (std::size_t d = 0; d < valid.size(); ++d)
        valid[d] = std::min(valid[d], array.metadata().shape[d]);
    fill_beyond(valid, layout, part.chunk, chunk);
    return chunk;
}

EncodedObject encoded(const Array& array, ByteView chunk, EncodeBuffers& buffers) {
    return {array.codec().encode(chunk, buffers.codec),
            all_fill(chunk, array.codec().layout().fill)};
}

}  // namespace

Array::Array(std::string path, ArrayMetadata metadata)
    : path_(std::move(path)),
      metadata_(std::move(metadata)),
      codec_(metadata_.chunk_layout(), metadata_.codecs),
      published_shape_(metadata_.shape) {
    if (metadata_.shape.size() != metadata_.chunk_shape.size())
        throw Error{Exit::bad_input, fmt::format("{}: shape and chunks differ in rank",
                                                 path_.empty() ? "/" : path_)};
}

Array::Array(Array&&) noexcept = default;
Array& Array::operator=(Array&&) noexcept = default;
Array::~Array() = default;

Array Array::open(const ObjectStore& store, std::string path) {
    Bytes content;
    const auto read = [&](std::string_view name) -> std::optional<JsonValue> {
        const auto key = join_key(path, name);
        if (!store.get(key, content, kMaxMetadataBytes)) return std::nullopt;
        return parse_json({reinterpret_cast<const char*>(content.data()), content.size()}, key);
    };
    if (const auto document = read("zarr.json")) {
        auto node = parse_v3_node(*document, join_key(path, "zarr.json"));
        if (!node.array)
            throw Error{Exit::missing_input,
                        fmt::format("{}: a group, not an array", join_key(path, "zarr.json"))};
        return Array(std::move(path), std::move(*node.array));
    }
    const auto document = read(".zarray");
    if (!document)
        throw Error{Exit::missing_input,
                    fmt::format("no Zarr array \"{}\" in {}", path, store.name())};
    auto metadata = parse_v2_array(*document, join_key(path, ".zarray"));
    if (const auto attributes = read(".zattrs"))
        parse_v2_attributes(*attributes, join_key(path, ".zattrs"), metadata);
    return Array(std::move(path), std::move(metadata));
}

std::string Array::key_of(const Shape& chunk) const {
    return join_key(path_, chunk_key(metadata_.keys, chunk));
}

void Array::read(const ObjectStore& store, const Region& region, std::span<std::byte> out,
                 int threads) const {
    require_inside(region, metadata_.shape, path_);
    if (metadata_.type.kind == TypeKind::variable_text)
        throw Error{Exit::bad_input, fmt::format("{}: text of variable length", path_)};
    if (out.size() != region.elements() * metadata_.type.bytes)
        throw Error{Exit::internal, fmt::format("{}: {} bytes for a region of {} elements", path_,
                                                out.size(), region.elements())};
    const StridedSpan target{out.data(), dense_strides(region.count, metadata_.type.bytes)};
    const auto parts = chunk_parts(metadata_.shape, metadata_.chunk_shape, region);
    Pool<ChunkReader> readers;
    parallel_for(parts.size(), threads, [&](std::size_t i) {
        readers.take()->read(store, *this, parts[i], moved(target, parts[i].in_region));
    });
}

Bytes Array::read(const ObjectStore& store, const Region& region, int threads) const {
    require_inside(region, metadata_.shape, path_);
    std::uint64_t bytes = 0;
    if (__builtin_mul_overflow(region.elements(), metadata_.type.bytes, &bytes) ||
        bytes > kMaxRegionBytes)
        throw Error{Exit::resource,
                    fmt::format("{}: a region of more than {} bytes", path_, kMaxRegionBytes),
                    "read it in parts"};
    Bytes out(bytes);
    read(store, region, out, threads);
    return out;
}

std::vector<std::string> Array::read_text(const ObjectStore& store, const Region& region) const {
    require_inside(region, metadata_.shape, path_);
    std::vector<std::string> all(region.elements());
    ChunkReader reader;
    for (const auto& part : chunk_parts(metadata_.shape, metadata_.chunk_shape, region)) {
        const auto strings = reader.read_text(store, *this, part);
        if (strings.empty()) continue;  // a missing chunk: empty texts
        // Which string of the chunk goes where: the same box arithmetic as for elements.
        std::vector<std::size_t> numbers(strings.size());
        for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = i;
        std::vector<std::size_t> chosen(Region{part.in_chunk, part.count}.elements());
        const auto width = sizeof(std::size_t);
        copy_box(
            part.count, width,
            moved(StridedView{std::as_bytes(std::span(numbers)).data(),
                              dense_strides(metadata_.chunk_shape, width)},
                  part.in_chunk),
            {std::as_writable_bytes(std::span(chosen)).data(), dense_strides(part.count, width)});
        const auto strides = dense_strides(region.count, 1);
        std::size_t next = 0;
        for (const auto& one :
             chunk_parts(part.count, Shape(part.count.size(), 1), zarr::whole(part.count))) {
            std::size_t at = 0;
            for (std::size_t d = 0; d < strides.size(); ++d)
                at += (part.in_region[d] + one.chunk[d]) * static_cast<std::size_t>(strides[d]);
            all[at] = strings[chosen[next++]];
        }
    }
    return all;
}

EncodedObject encode_part(const Array& array, const ChunkPart& part, const StridedView& source,
                          const ByteView* old_object, EncodeBuffers& buffers) {
    const auto& layout = array.codec().layout();
    const auto from = moved(source, part.in_region);
    // A chunk that lies densely in the caller's memory is compressed from there.
    if (part.count == layout.shape && dense(layout.shape, layout.type.bytes, from.strides))
        return encoded(array, {from.data, array.codec().decoded_bytes()}, buffers);
    const auto chunk = old_chunk(array, part, old_object, buffers);
    const StridedSpan whole_chunk{chunk.data(), dense_strides(layout.shape, layout.type.bytes)};
    copy_box(part.count, layout.type.bytes, from, moved(whole_chunk, part.in_chunk));
    return encoded(array, chunk, buffers);
}

EncodedObject encode_fill(const Array& array, const ChunkPart& part, ByteView element,
                          const ByteView* old_object, EncodeBuffers& buffers) {
    const auto& layout = array.codec().layout();
    const auto chunk = old_chunk(array, part, old_object, buffers);
    const StridedSpan whole_chunk{chunk.data(), dense_strides(layout.shape, layout.type.bytes)};
    fill_box(part.count, element, moved(whole_chunk, part.in_chunk));
    return encoded(array, chunk, buffers);
}

void encode_region(const ObjectStore& store, const Array& array, const Region& region,
                   const StridedView& source, int threads,
                   const std::function<void(const std::string&, const EncodedObject&)>& body) {
    array.codec().require_writable();
    const auto parts = chunk_parts(array.metadata().shape, array.metadata().chunk_shape, region);
    Pool<EncodeBuffers> pool;
    parallel_for(parts.size(), threads, [&](std::size_t i) {
        const auto buffers = pool.take();
        const auto key = array.key_of(parts[i].chunk);
        const bool old = !parts[i].whole_chunk &&
                         store.get(key, buffers->old_object, array.codec().max_encoded_bytes());
        const ByteView old_object(buffers->old_object);
        body(key, encode_part(array, parts[i], source, old ? &old_object : nullptr, *buffers));
    });
}

void write_region(ObjectStore& store, const Array& array, const Region& region,
                  const StridedView& source, int threads, EmptyChunks empty) {
    encode_region(store, array, region, source, threads,
                  [&](const std::string& key, const EncodedObject& object) {
                      if (object.all_fill && empty == EmptyChunks::remove)
                          store.remove(key);
                      else
                          store.put(key, object.content);
                  });
    store.sync();
}

}  // namespace hls::zarr
