// SPDX-License-Identifier: Apache-2.0
// Any bytes given as metadata either parse into a model that is written and read back equal, or end
// in hls::Error; any bytes given as an object decode into a chunk of the size the metadata say, or
// end in hls::Error.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "zarr/array.hpp"
#include "zarr/hierarchy.hpp"

namespace {

using namespace hls::zarr;

void trap_unless(bool truth) {
    if (!truth) __builtin_trap();
}

void check_array(const ArrayMetadata& array) {
    const auto document = array.format == 2 ? v2_array_document(array) : v3_array_document(array);
    const auto text = format_json(document);
    auto again = array.format == 2
                     ? parse_v2_array(parse_json(text, "again"), "again")
                     : parse_v3_node(parse_json(text, "again"), "again").array.value();
    if (array.format == 2) {
        again.attributes = array.attributes;
        again.dimensions = array.dimensions;
    }
    trap_unless(again == array);
}

void parse_documents(std::string_view text) {
    const auto document = parse_json(text, "fuzz");
    trap_unless(parse_json(format_json(document), "again") == document);
    try {
        check_array(parse_v2_array(document, "fuzz"));
    } catch (const hls::Error& error) {
        trap_unless(error.code != hls::Exit::internal);
    }
    const auto node = parse_v3_node(document, "fuzz");
    if (node.array) check_array(*node.array);
    if (!node.consolidated) return;
    MemoryStore store;
    store.put("zarr.json", std::as_bytes(std::span(text)));
    read_hierarchy(store, MetadataSource::consolidated);
}

ArrayMetadata decoded_array(std::uint8_t choice) {
    ArrayMetadata array;
    array.type = kInt32;
    array.shape = array.chunk_shape = {8, 16};
    array.fill = Bytes(4);
    array.codecs = {BytesCodec{(choice & 1) != 0}};
    ShardingCodec sharding;
    sharding.chunk_shape = {4, 4};
    sharding.codecs = {BytesCodec{}, ZstdCodec{}};
    sharding.index_codecs = {BytesCodec{}};
    sharding.index_at_start = (choice & 1) != 0;
    const Codec steps[] = {BloscCodec{"lz4", 1, Shuffle::byte, 4, 0},
                           DeflateCodec{},
                           DeflateCodec{DeflateCodec::Frame::zlib, 1},
                           ZstdCodec{},
                           Lz4Codec{},
                           Bzip2Codec{},
                           ShuffleCodec{4},
                           ChecksumCodec{}};
    const std::size_t step = choice / 2 % 10;
    if (step < 8)
        array.codecs.push_back(steps[step]);
    else if (step == 8)
        array.codecs = {std::make_shared<const ShardingCodec>(sharding)};
    return array;
}

void decode_object(const std::uint8_t* data, std::size_t size) {
    const Array array("", decoded_array(data[0]));
    MemoryStore store;
    store.put(array.key_of({0, 0}), std::as_bytes(std::span(data + 1, size - 1)));
    try {
        trap_unless(array.read(store, array.whole()).size() == 512);
    } catch (const hls::Error& error) {
        trap_unless(error.code == hls::Exit::bad_input);
    }
    // One inner chunk, which of a shard is fetched alone.
    array.read(store, {{1, 1}, {2, 2}});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        if (size > 0 && data[0] < 0x20) decode_object(data, size);
        parse_documents({reinterpret_cast<const char*>(data), size});
    } catch (const hls::Error& error) {
        trap_unless(error.code != hls::Exit::internal);
    }
    return 0;
}
