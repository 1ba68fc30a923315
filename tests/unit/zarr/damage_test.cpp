// SPDX-License-Identifier: Apache-2.0
// Damaged, lying and hostile objects are refused, and never make the reader take more memory than
// the metadata say a chunk has.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstring>

#include "core/error.hpp"
#include "random_array.hpp"
#include "zarr/array.hpp"
#include "zarr/hierarchy.hpp"

namespace hls::zarr {
namespace {

Exit decode_result(const ChunkCodec& codec, ByteView object, Bytes* decoded = nullptr) {
    Bytes elements(codec.decoded_bytes());
    CodecBuffers buffers;
    try {
        codec.decode(object, elements, buffers);
    } catch (const Error& error) {
        return error.code;
    }
    if (decoded != nullptr) *decoded = elements;
    return Exit::ok;
}

std::vector<std::vector<Codec>> chains() {
    const DataType type = kInt16;
    std::vector<std::vector<Codec>> chains;
    for (std::size_t i = 1; i < kCompressors; ++i) {
        chains.push_back({BytesCodec{}});
        for (auto& codec : compressors(i, type)) chains.back().push_back(codec);
    }
    chains.push_back({BytesCodec{}, Lz4Codec{1}});
    chains.push_back({BytesCodec{}, DeflateCodec{DeflateCodec::Frame::zlib, 1}});
    chains.push_back({BytesCodec{}, ZstdCodec{1, true}});
    chains.push_back({BytesCodec{}, ChecksumCodec{}});
    ShardingCodec sharding;
    sharding.chunk_shape = {8, 8};
    sharding.codecs = {BytesCodec{}, ZstdCodec{1, true}};
    sharding.index_codecs = {BytesCodec{}, ChecksumCodec{}};
    chains.push_back({std::make_shared<const ShardingCodec>(sharding)});
    return chains;
}

ChunkLayout layout() {
    return {kInt16, {32, 32}, Bytes(2)};
}

Bytes smooth_elements() {
    std::vector<std::int16_t> values(32 * 32);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<std::int16_t>(i % 37 * (i / 100));
    const auto view = std::as_bytes(std::span(values));
    return {view.begin(), view.end()};
}

TEST(Damage, CutObjectsAreRefused) {
    const auto elements = smooth_elements();
    for (const auto& codecs : chains()) {
        const ChunkCodec codec(layout(), codecs);
        CodecBuffers buffers;
        const auto view = codec.encode(elements, buffers);
        const Bytes object(view.begin(), view.end());
        for (std::size_t size = 0; size < object.size(); size += 1 + object.size() / 97)
            EXPECT_EQ(decode_result(codec, ByteView(object).first(size)), Exit::bad_input)
                << codecs.size() << " codecs, " << size << " of " << object.size();
        Bytes longer = object;
        longer.push_back(std::byte{1});
        EXPECT_EQ(decode_result(codec, longer), Exit::bad_input);
    }
}

// Without a checksum damage may stay unseen; with one it must not. Never anything but an error.
TEST(Damage, FlippedBitsEndInAnErrorOrInOtherElements) {
    Random random(5);
    const auto elements = smooth_elements();
    for (const auto& codecs : chains()) {
        const ChunkCodec codec(layout(), codecs);
        CodecBuffers buffers;
        const auto view = codec.encode(elements, buffers);
        Bytes object(view.begin(), view.end());
        const bool checked = std::holds_alternative<ChecksumCodec>(codecs.back()) ||
                             codecs.size() == 1 ||
                             (std::holds_alternative<ZstdCodec>(codecs.back()) &&
                              std::get<ZstdCodec>(codecs.back()).checksum);
        for (int i = 0; i < 400; ++i) {
            auto& byte = object[below(random, object.size())];
            const auto flip = static_cast<std::byte>(1u << below(random, 8));
            byte ^= flip;
            Bytes decoded;
            const auto result = decode_result(codec, object, &decoded);
            EXPECT_TRUE(result == Exit::ok || result == Exit::bad_input);
            // A flipped bit of a frame's header may mean nothing.
            if (checked && result == Exit::ok) {
                EXPECT_EQ(decoded, elements);
            }
            byte ^= flip;
        }
    }
}

// 64 MiB of zeros in a few kilobytes, for a chunk that has 2 KiB.
TEST(Damage, BombsAreNotUnpacked) {
    const Bytes zeros(std::size_t{64} << 20);
    for (const auto& codecs : chains()) {
        if (codecs.size() == 1 || std::holds_alternative<ChecksumCodec>(codecs.back())) continue;
        const ChunkCodec large({kInt16, {32, 1024, 1024}, Bytes(2)}, codecs);
        CodecBuffers buffers;
        const auto bomb = large.encode(zeros, buffers);
        const ChunkCodec small(layout(), codecs);
        EXPECT_EQ(decode_result(small, bomb), Exit::bad_input);
    }
}

TEST(Damage, HeadersThatLieAboutSizesAreRefused) {
    const auto elements = smooth_elements();
    const ChunkCodec lz4(layout(), {BytesCodec{}, Lz4Codec{1}});
    const ChunkCodec blosc(layout(), {BytesCodec{}, BloscCodec{"lz4", 1, Shuffle::byte, 2, 0}});
    for (const auto* codec : {&lz4, &blosc})
        for (const std::uint32_t lie : {0u, 1u, 2047u, 2049u, 0x7FFFFFFFu, 0xFFFFFFFFu}) {
            CodecBuffers buffers;
            const auto view = codec->encode(elements, buffers);
            Bytes object(view.begin(), view.end());
            std::memcpy(object.data() + (codec == &blosc ? 4 : 0), &lie, sizeof lie);
            EXPECT_EQ(decode_result(*codec, object), Exit::bad_input) << lie;
        }
}

TEST(Damage, ShardIndexesThatLeadAstrayAreRefused) {
    ShardingCodec sharding;
    sharding.chunk_shape = {16, 16};
    sharding.codecs = {BytesCodec{}};
    sharding.index_codecs = {BytesCodec{}};
    const ChunkCodec codec(layout(), {std::make_shared<const ShardingCodec>(sharding)});
    CodecBuffers buffers;
    const auto view = codec.encode(smooth_elements(), buffers);
    const Bytes good(view.begin(), view.end());
    ASSERT_EQ(decode_result(codec, good), Exit::ok);
    constexpr std::uint64_t kNone = ~std::uint64_t{0};
    const std::pair<std::uint64_t, std::uint64_t> entries[] = {{kNone, 512},
                                                               {512, kNone},
                                                               {kNone - 1, 512},
                                                               {good.size(), 512},
                                                               {0, 511},
                                                               {0, 513},
                                                               {0, 0},
                                                               {good.size() - 100, 512},
                                                               {1, kNone - 1},
                                                               {kNone - 5, 5},
                                                               {0, std::uint64_t{1} << 40}};
    for (const auto& [offset, size] : entries) {
        Bytes object = good;
        std::memcpy(object.data() + object.size() - 64, &offset, 8);
        std::memcpy(object.data() + object.size() - 56, &size, 8);
        EXPECT_EQ(decode_result(codec, object), Exit::bad_input) << offset << "+" << size;
    }
}

Exit parse_result(std::string_view text, bool v2) {
    try {
        const auto document = parse_json(text, "x");
        if (v2)
            Array("", parse_v2_array(document, "x"));
        else
            Array("", parse_v3_node(document, "x").array.value());
    } catch (const Error& error) {
        return error.code;
    }
    return Exit::ok;
}

std::string v3(std::string_view change_from = {}, std::string_view change_to = {}) {
    std::string text =
        R"({"zarr_format":3,"node_type":"array","shape":[10,10],"data_type":"int16",)"
        R"("chunk_grid":{"name":"regular","configuration":{"chunk_shape":[5,5]}},)"
        R"("chunk_key_encoding":{"name":"default","configuration":{"separator":"/"}},)"
        R"("fill_value":-9999,"codecs":[{"name":"bytes","configuration":{"endian":"little"}}]})";
    const auto at = change_from.empty() ? 0 : text.find(change_from);
    EXPECT_NE(at, std::string::npos) << change_from;
    return text.replace(at, change_from.size(), change_to);
}

TEST(Damage, Version3MetadataThatAreNotUnderstoodAreRefused) {
    EXPECT_EQ(parse_result(v3(), false), Exit::ok);
    EXPECT_EQ(
        parse_result(v3("\"node_type\"", "\"x\":{\"must_understand\":false},\"node_type\""), false),
        Exit::ok);
    EXPECT_EQ(parse_result(v3("{\"name\":\"default\",\"configuration\":{\"separator\":\"/\"}}",
                              "\"default\""),
                           false),
              Exit::ok);
    const std::pair<const char*, const char*> changes[] = {
        {"\"node_type\"", "\"x\":{\"must_understand\":true},\"node_type\""},
        {"\"node_type\"", "\"x\":1,\"node_type\""},
        {"\"node_type\"", "\"storage_transformers\":[{\"name\":\"x\"}],\"node_type\""},
        {"\"node_type\"", "\"node_type\":\"array\",\"node_type\""},
        {"\"zarr_format\":3", "\"zarr_format\":4"},
        {"\"zarr_format\":3", "\"zarr_format\":3.0"},
        {"regular", "rectangular"},
        {"default", "fanout"},
        {"\"separator\":\"/\"", "\"separator\":\"-\""},
        {"int16", "int128"},
        {"-9999", "-99999"},
        {"-9999", "0.5"},
        {"-9999", "null"},
        {"-9999", "\"NaN\""},
        {"[5,5]", "[5]"},
        {"[5,5]", "[5,0]"},
        {"[5,5]", "[5,-5]"},
        {"[5,5]", "[100000,100000]"},
        {"[5,5]", "[4611686018427387904,4611686018427387904]"},
        {"[10,10]", "[10,1e3]"},
        {"[10,10]", "[10,99999999999999999999]"},
        {"\"endian\":\"little\"", "\"endian\":\"middle\""},
        {"\"endian\":\"little\"", ""},
        {"\"name\":\"bytes\"", "\"name\":\"bites\""},
        {"\"name\":\"bytes\"", "\"name\":\"bytes\",\"must_understand\":false,\"x\":1"},
    };
    for (const auto& [from, to] : changes) {
        EXPECT_EQ(parse_result(v3(from, to), false), Exit::bad_input) << from << " -> " << to;
    }
    EXPECT_EQ(parse_result(v3().substr(0, 200), false), Exit::bad_input);
}

std::string v2(std::string_view change_from = {}, std::string_view change_to = {}) {
    std::string text =
        R"({"zarr_format":2,"shape":[10,10],"chunks":[5,5],"dtype":"<i2","fill_value":-9999,)"
        R"("order":"C","filters":null,"compressor":{"id":"zlib","level":1}})";
    const auto at = change_from.empty() ? 0 : text.find(change_from);
    EXPECT_NE(at, std::string::npos) << change_from;
    return text.replace(at, change_from.size(), change_to);
}

TEST(Damage, Version2MetadataThatAreNotUnderstoodAreRefused) {
    EXPECT_EQ(parse_result(v2(), true), Exit::ok);
    EXPECT_EQ(parse_result(v2("-9999", "-9999.0"), true), Exit::ok);
    EXPECT_EQ(parse_result(v2("-9999", "null"), true), Exit::ok);
    const std::pair<const char*, const char*> changes[] = {
        {"\"zarr_format\":2", "\"zarr_format\":3"},
        {"<i2", "<i3"},
        {"\"<i2\"", "[[\"a\",\"<i2\"]]"},
        {"<i2", "<M8[ns]"},
        {"<i2", "|O"},
        {"-9999", "40000"},
        {"-9999", "\"x\""},
        {"\"C\"", "\"K\""},
        {"zlib", "lzma"},
        {"\"level\":1", "\"level\":99"},
        {"\"level\":1", "\"level\":1,\"x\":1"},
        {"\"filters\":null", "\"filters\":[{\"id\":\"fixedscaleoffset\"}]"},
        {"\"filters\":null", "\"filters\":[{\"id\":\"delta\",\"dtype\":\"<i4\"}]"},
        {"\"filters\":null", "\"filters\":[{\"id\":\"shuffle\",\"elementsize\":7}]"},
        {"\"filters\":null", "\"dimension_separator\":\"-\""},
        {"[5,5]", "[5,5,5]"},
        {"[5,5]", "[0,5]"},
    };
    for (const auto& [from, to] : changes)
        EXPECT_EQ(parse_result(v2(from, to), true), Exit::bad_input) << from << " -> " << to;
}

TEST(Damage, HostileDocumentsAreRefused) {
    const std::string deep = std::string(100000, '[') + std::string(100000, ']');
    EXPECT_THROW(parse_json(deep, "x"), Error);
    EXPECT_THROW(parse_json("{\"a\":1,\"a\":2}", "x"), Error);
    EXPECT_THROW(parse_json("\"\xff\"", "x"), Error);
    EXPECT_THROW(parse_json("1e999", "x"), Error);
    EXPECT_THROW(parse_json("{} {}", "x"), Error);
    EXPECT_THROW(parse_json("", "x"), Error);
    for (const char* key : {"", "/a", "a/", "a//b", "../a", "a/../b", "a/.", "a\\b", "a\nb"})
        EXPECT_THROW(require_key(key), Error) << key;
    EXPECT_THROW(require_key(std::string_view("a\0b", 3)), Error);
    for (const char* name : {"", ".", "..", "__x", "zarr.json", ".zarray", "a/b"})
        EXPECT_THROW(require_node_name(name), Error) << name;
    EXPECT_NO_THROW(require_node_name("a.b_c-1"));

    // A consolidated document whose paths lead out of the store.
    MemoryStore store;
    const std::string zmetadata =
        R"({"zarr_consolidated_format":1,"metadata":{".zgroup":{"zarr_format":2},)"
        R"("../x/.zgroup":{"zarr_format":2}}})";
    store.put(".zmetadata", std::as_bytes(std::span(zmetadata)));
    EXPECT_THROW(read_hierarchy(store, MetadataSource::consolidated), Error);
}

// An array of 10^18 elements can be described, but not read into memory by mistake.
TEST(Damage, HugeArraysCostNothingUntilTheyAreRead) {
    MemoryStore store;
    const Array array("",
                      parse_v3_node(parse_json(v3("[10,10]", "[1000000000,1000000000]"), "x"), "x")
                          .array.value());
    EXPECT_EQ(array.read(store, {{999999999, 5}, {1, 1}}).size(), 2u);
    try {
        array.read(store, array.whole());
        FAIL() << "read";
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::resource) << error.message;
    }
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    EXPECT_LT(usage.ru_maxrss, 2'000'000) << "kB";
}

}  // namespace
}  // namespace hls::zarr
