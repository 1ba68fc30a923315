// SPDX-License-Identifier: Apache-2.0
// Numbers from specifications: checksums, type names, fills, chunk keys, base 64, JSON.
#include "zarr/codec.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "core/error.hpp"
#include "random_array.hpp"
#include "zarr/array.hpp"
#include "zarr/base64.hpp"

namespace hls::zarr {
namespace {

ByteView bytes(std::string_view text) {
    return std::as_bytes(std::span(text));
}

// RFC 3720 appendix B.4.
TEST(Crc32c, ValuesOfTheStandard) {
    EXPECT_EQ(crc32c(bytes("123456789")), 0xE3069283u);
    EXPECT_EQ(crc32c(Bytes(32)), 0x8A9136AAu);
    EXPECT_EQ(crc32c(Bytes(32, std::byte{0xFF})), 0x62A8AB43u);
    EXPECT_EQ(crc32c({}), 0u);
}

TEST(DataTypes, NamesOfBothVersions) {
    for (const auto& type : written_types()) {
        EXPECT_EQ(data_type_from_name(data_type_name(type)), type);
        EXPECT_EQ(data_type_from_typestr(typestr_of(type)).type, type);
        EXPECT_EQ(data_type_from_typestr(typestr_of(type, true)).big_endian, type.bytes > 1);
    }
    EXPECT_EQ(typestr_of(kInt16), "<i2");
    EXPECT_EQ(typestr_of(kUint8), "|u1");
    EXPECT_EQ(typestr_of(kBool), "|b1");
    for (const char* text : {"<i3", "i2", "|i2", "<f16", "<x4", "<i", "<i-2", "<M8[ns]", "|U4", ""})
        EXPECT_THROW(data_type_from_typestr(text), Error) << text;
    for (const char* name : {"int7", "string", "r7", "r0", "float128", ""})
        EXPECT_THROW(data_type_from_name(name), Error) << name;
}

JsonValue there_and_back(const DataType& type, const JsonValue& fill) {
    return fill_to_json(type, fill_from_json(type, fill));
}

TEST(Fills, AreExact) {
    EXPECT_EQ(there_and_back(kInt64, std::int64_t{-9'223'372'036'854'775'807}),
              JsonValue(std::int64_t{-9'223'372'036'854'775'807}));
    EXPECT_EQ(there_and_back(kUint64, ~std::uint64_t{0}), JsonValue(~std::uint64_t{0}));
    EXPECT_EQ(there_and_back(kFloat32, 0.1), JsonValue(static_cast<double>(0.1F)));
    EXPECT_EQ(there_and_back(kFloat64, -0.0), JsonValue(-0.0));
    for (const char* text : {"NaN", "Infinity", "-Infinity"})
        for (const auto& type : {DataType{TypeKind::floating, 2}, kFloat32, kFloat64})
            EXPECT_EQ(there_and_back(type, text), JsonValue(text));
    EXPECT_EQ(there_and_back(kFloat32, "0x7fc00001"), JsonValue("0x7fc00001"));
    EXPECT_EQ(there_and_back(kFloat32, "0x7fc00000"), JsonValue("NaN"));
    EXPECT_EQ(there_and_back({TypeKind::utf32, 16}, "déjà"), JsonValue("déjà"));
    const std::pair<DataType, JsonValue> wrong[] = {
        {kInt8, 128},        {kUint8, -1},         {kInt16, 1.5},  {kInt64, 9.3e18},
        {kUint64, 1.9e19},   {kUint64, -1.0},      {kBool, 2},     {kFloat32, 1e39},
        {kFloat32, "nan"},   {kInt16, "5"},        {kInt16, true}, {kFloat32, "0x7fc0"},
        {kFloat64, nullptr}, {kInt16, JsonArray{}}};
    for (const auto& [type, fill] : wrong)
        EXPECT_THROW(fill_from_json(type, fill), Error)
            << data_type_name(type) << " " << format_json(fill);
}

// IEEE 754 binary16.
TEST(Fills, HalfPrecision) {
    const DataType half{TypeKind::floating, 2};
    const std::pair<double, std::uint16_t> cases[] = {{1.0, 0x3C00},
                                                      {-2.0, 0xC000},
                                                      {65504.0, 0x7BFF},
                                                      {0.0, 0x0000},
                                                      {0.1, 0x2E66},
                                                      {6.103515625e-05, 0x0400},
                                                      {5.9604644775390625e-08, 0x0001},
                                                      {1.0009765625, 0x3C01},
                                                      {2049.0, 0x6800},
                                                      {2051.0, 0x6802},
                                                      {6.097555160522461e-05, 0x03FF}};
    for (const auto& [number, bits] : cases) {
        const auto element = element_from_double(half, number);
        std::uint16_t got = 0;
        std::memcpy(&got, element.data(), 2);
        EXPECT_EQ(got, bits) << number;
    }
    EXPECT_DOUBLE_EQ(element_to_double(half, Bytes{std::byte{0x01}, std::byte{0x3C}}),
                     1.0009765625);
    EXPECT_THROW(element_from_double(half, 65520.0), Error);
}

TEST(ChunkKeys, ThereAndBack) {
    const ChunkKeys v3{ChunkKeys::Style::v3_default, '/'};
    const ChunkKeys v2{ChunkKeys::Style::v2, '.'};
    EXPECT_EQ(chunk_key(v3, {3, 0, 1}), "c/3/0/1");
    EXPECT_EQ(chunk_key(v2, {3, 0, 1}), "3.0.1");
    EXPECT_EQ(chunk_key(v3, {}), "c");
    EXPECT_EQ(chunk_key(v2, {}), "0");
    EXPECT_EQ(parse_chunk_key(v3, 3, "c/3/0/1"), (Shape{3, 0, 1}));
    EXPECT_EQ(parse_chunk_key(v2, 2, "10.11"), (Shape{10, 11}));
    EXPECT_EQ(parse_chunk_key(v2, 0, "0"), Shape{});
    for (const char* key : {"c/3/0", "c/3/0/1/2", "3/0/1", "c/03/0/1", "c/-1/0/1", "c/3/0/",
                            "c.3.0.1", "c/99999999999999999999999/0/1", ""})
        EXPECT_FALSE(parse_chunk_key(v3, 3, key)) << key;
}

TEST(ChunkGrid, RegionsAreCutAtChunks) {
    const auto parts = chunk_parts({10, 7}, {4, 4}, {{3, 0}, {6, 7}});
    ASSERT_EQ(parts.size(), 6u);
    EXPECT_EQ(parts[0].chunk, (Shape{0, 0}));
    EXPECT_EQ(parts[0].in_chunk, (Shape{3, 0}));
    EXPECT_EQ(parts[0].count, (Shape{1, 4}));
    EXPECT_FALSE(parts[0].whole_chunk);
    EXPECT_TRUE(parts[2].whole_chunk);
    EXPECT_TRUE(parts[3].whole_chunk) << "an edge chunk, whole as far as the array goes";
    EXPECT_EQ(parts[5].in_region, (Shape{5, 4}));
    EXPECT_TRUE(chunk_parts({10, 7}, {4, 4}, {{3, 7}, {6, 0}}).empty());
    EXPECT_EQ(chunk_parts({}, {}, {}).size(), 1u);
    EXPECT_THROW(chunk_parts({10}, {4}, {{9}, {2}}), Error);
    EXPECT_THROW(chunk_parts({10}, {4}, {{~0ull}, {2}}), Error);
}

// The same elements give the same bytes, whatever the buffers were used for before.
TEST(Codecs, EncodingIsDeterministic) {
    Random random(3);
    for (int i = 0; i < 200; ++i) {
        const Array array("", random_array(random));
        const auto& layout = array.codec().layout();
        const auto elements = random_elements(random, layout.type, layout.fill,
                                              array.codec().decoded_bytes() / layout.type.bytes);
        const auto noise = random_elements(random, layout.type, layout.fill,
                                           array.codec().decoded_bytes() / layout.type.bytes);
        CodecBuffers used;
        array.codec().encode(noise, used);
        const auto first = array.codec().encode(elements, used);
        CodecBuffers fresh;
        const auto second = array.codec().encode(elements, fresh);
        ASSERT_TRUE(std::equal(first.begin(), first.end(), second.begin(), second.end()));
        ASSERT_LE(first.size(), array.codec().encoded_bound());
    }
}

TEST(Base64, Rfc4648) {
    const std::pair<const char*, const char*> cases[] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, coded] : cases) {
        EXPECT_EQ(base64_encode(bytes(plain)), coded);
        const auto decoded = base64_decode(coded);
        ASSERT_TRUE(decoded);
        EXPECT_TRUE(std::equal(decoded->begin(), decoded->end(), bytes(plain).begin()));
    }
    for (const char* text : {"Zg", "Zg=", "Z===", "Zh==", "Zm9v!", "Zg==Zg=="})
        EXPECT_FALSE(base64_decode(text)) << text;
}

TEST(Json, IsAsciiSortedAndExact) {
    const auto value =
        parse_json("{\"b\":[1,1.0,-2e-5,18446744073709551615],\"a\":\"°\\u0001😀\"}", "x");
    EXPECT_EQ(format_json(value, JsonLayout::compact),
              "{\"a\":\"\\u00b0\\u0001\\ud83d\\ude00\",\"b\":[1,1.0,-2e-05,18446744073709551615]}");
    EXPECT_EQ(parse_json(format_json(value), "x"), value);
    EXPECT_EQ(format_json(JsonObject{}), "{}\n");
}

TEST(Json, WritesNamesOfFilesInAnyEncoding) {
    for (const char* text : {"", "a°b", "😀", "\xed\x9f\xbf"}) EXPECT_TRUE(is_utf8(text)) << text;
    for (const char* text : {"caf\xe9", "caf\xe9 2024", "\x80", "\xc0\x80", "\xe0\x80\x80",
                             "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "\xe2\x82"})
        EXPECT_FALSE(is_utf8(text)) << text;
    EXPECT_EQ(format_json(std::string("caf\xe9 2024"), JsonLayout::compact), "\"caf\\ufffd 2024\"");
}

}  // namespace
}  // namespace hls::zarr
