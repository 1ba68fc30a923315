// SPDX-License-Identifier: Apache-2.0
// Random arrays of every type, codec and layout that the kit writes.
#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "zarr/metadata.hpp"

namespace hls::zarr {

using Random = std::mt19937_64;

inline std::uint64_t below(Random& random, std::uint64_t limit) {
    return random() % limit;
}

inline const std::vector<DataType>& written_types() {
    static const std::vector<DataType> types{kBool,   kInt8,   kInt16,  kInt32,   kInt64,  kUint8,
                                             kUint16, kUint32, kUint64, kFloat32, kFloat64};
    return types;
}

// bytes -> bytes codecs that both versions know, by number.
inline std::vector<Codec> compressors(std::size_t choice, const DataType& type) {
    const auto blosc = [&](const char* name, Shuffle shuffle) {
        return std::vector<Codec>{BloscCodec{name, 1, shuffle, type.bytes, 0}};
    };
    switch (choice) {
        case 0:
            return {};
        case 1:
            return {ZstdCodec{1, false}};
        case 2:
            return {DeflateCodec{DeflateCodec::Frame::gzip, 1}};
        case 3:
            return blosc("lz4", Shuffle::byte);
        case 4:
            return blosc("zstd", Shuffle::bit);
        case 5:
            return blosc("blosclz", Shuffle::none);
        case 6:
            return blosc("lz4hc", Shuffle::byte);
        case 7:
            return blosc("zlib", Shuffle::bit);
        default:
            return blosc("snappy", Shuffle::none);
    }
}
inline constexpr std::size_t kCompressors = 9;

inline std::vector<Codec> v3_codecs(Random& random, const DataType& type, std::size_t rank) {
    std::vector<Codec> codecs;
    if (rank > 1 && below(random, 4) == 0) {
        TransposeCodec transpose;
        for (std::size_t d = 0; d < rank; ++d) transpose.order.push_back(d);
        std::shuffle(transpose.order.begin(), transpose.order.end(), random);
        codecs.push_back(transpose);
    }
    codecs.push_back(BytesCodec{below(random, 3) == 0});
    for (auto& codec : compressors(below(random, kCompressors), type)) codecs.push_back(codec);
    if (below(random, 3) == 0) codecs.push_back(ChecksumCodec{});
    return codecs;
}

inline void make_v3(Random& random, ArrayMetadata& array) {
    array.format = 3;
    const bool v2_keys = below(random, 3) == 0;
    array.keys = {v2_keys ? ChunkKeys::Style::v2 : ChunkKeys::Style::v3_default,
                  below(random, 2) == 0 ? '/' : '.'};
    array.codecs = v3_codecs(random, array.type, array.shape.size());
    if (below(random, 3) != 0) return;
    ShardingCodec sharding;
    sharding.codecs = v3_codecs(random, array.type, array.shape.size());
    sharding.index_codecs = {BytesCodec{}};
    if (below(random, 2) == 0) sharding.index_codecs.push_back(ChecksumCodec{});
    sharding.index_at_start = below(random, 2) == 0;
    sharding.chunk_shape = array.chunk_shape;
    for (auto& n : array.chunk_shape) n *= 1 + below(random, 3);
    array.codecs = {std::make_shared<const ShardingCodec>(std::move(sharding))};
}

inline void make_v2(Random& random, ArrayMetadata& array) {
    array.format = 2;
    array.keys = {ChunkKeys::Style::v2, below(random, 2) == 0 ? '/' : '.'};
    const std::size_t rank = array.shape.size();
    if (rank > 1 && below(random, 4) == 0) {
        TransposeCodec reversed;
        for (std::size_t d = rank; d-- > 0;) reversed.order.push_back(d);
        array.codecs.push_back(reversed);
    }
    const bool integer = array.type.kind == TypeKind::integer;
    if (integer && below(random, 4) == 0) array.codecs.push_back(DeltaCodec{array.type});
    array.codecs.push_back(BytesCodec{array.type.bytes > 1 && below(random, 3) == 0});
    switch (below(random, 4)) {
        case 0:
            array.codecs.push_back(Lz4Codec{1});
            break;
        case 1:
            array.codecs.push_back(DeflateCodec{DeflateCodec::Frame::zlib, 1});
            break;
        default:
            for (auto& codec : compressors(below(random, kCompressors), array.type))
                array.codecs.push_back(codec);
    }
}

// Bytes of `count` random elements, among them many that equal `fill`.
inline Bytes random_elements(Random& random, const DataType& type, ByteView fill,
                             std::uint64_t count) {
    Bytes bytes(count * type.bytes);
    for (auto& byte : bytes) byte = static_cast<std::byte>(random() & 0xFF);
    if (type.kind == TypeKind::boolean)
        for (auto& byte : bytes) byte &= std::byte{1};
    const std::uint64_t filled = below(random, 3) == 0 ? count : count / 4;
    for (std::uint64_t i = 0; i < filled; ++i)
        std::copy(fill.begin(), fill.end(),
                  bytes.begin() + static_cast<std::ptrdiff_t>(
                                      (filled == count ? i : below(random, count)) * type.bytes));
    return bytes;
}

// An array of rank 1 to 4 whose chunks rarely divide its shape.
inline ArrayMetadata random_array(Random& random) {
    ArrayMetadata array;
    array.type = written_types()[below(random, written_types().size())];
    const std::size_t rank = 1 + below(random, 4);
    const std::uint64_t extent = rank == 1 ? 60 : rank == 2 ? 20 : rank == 3 ? 9 : 6;
    for (std::size_t d = 0; d < rank; ++d) {
        array.shape.push_back(1 + below(random, extent));
        array.chunk_shape.push_back(1 + below(random, extent / 2 + 1));
    }
    array.fill = random_elements(random, array.type, Bytes(array.type.bytes), 1);
    if (below(random, 2) == 0)
        make_v3(random, array);
    else
        make_v2(random, array);
    return array;
}

}  // namespace hls::zarr
