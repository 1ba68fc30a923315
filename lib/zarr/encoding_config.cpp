// SPDX-License-Identifier: Apache-2.0
#include "zarr/encoding_config.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "zarr/config_object.hpp"

namespace hls::zarr {
namespace {

int level_of(ConfigObject& object, std::string_view name, int low, int high, int fallback) {
    const auto level = object.number(name).value_or(fallback);
    if (!(level >= low && level <= high) || level != static_cast<int>(level))
        object.fail(name, "must be a whole number from " + std::to_string(low) + " to " +
                              std::to_string(high));
    return static_cast<int>(level);
}

BloscCodec blosc_of(ConfigObject& object, std::size_t type_bytes) {
    const std::vector<std::string_view> words{"blosclz", "lz4", "lz4hc", "snappy", "zlib", "zstd"};
    BloscCodec codec;
    codec.compressor = words[object.word_or("blosc", words, 5)];
    codec.level = level_of(object, "level", 0, 9, 1);
    const std::size_t fallback = type_bytes > 1 ? 1 : 0;
    codec.shuffle =
        std::array{Shuffle::none, Shuffle::byte,
                   Shuffle::bit}[object.word_or("shuffle", {"none", "byte", "bit"}, fallback)];
    codec.type_bytes = type_bytes;
    return codec;
}

// The bytes -> bytes codecs of a configuration.
std::vector<Codec> compressors(const ArrayMetadata& array, const std::optional<JsonValue>& codec,
                               std::string_view place) {
    const auto* word = codec ? codec->get<std::string>() : nullptr;
    if (word != nullptr && *word == "none") return {};
    const JsonValue usual(JsonObject{{"blosc", "zstd"}});
    ConfigObject object(codec ? *codec : usual, std::string(place));
    std::vector<Codec> codecs;
    if (object.find("blosc") != nullptr) {
        codecs.emplace_back(blosc_of(object, array.type.bytes));
    } else if (object.find("zstd") != nullptr) {
        codecs.emplace_back(ZstdCodec{level_of(object, "zstd", -7, 22, 1)});
    } else if (object.find("gzip") != nullptr) {
        codecs.emplace_back(
            DeflateCodec{DeflateCodec::Frame::gzip, level_of(object, "gzip", 0, 9, 1)});
    } else if (object.find("zlib") != nullptr && array.format == 2) {
        codecs.emplace_back(
            DeflateCodec{DeflateCodec::Frame::zlib, level_of(object, "zlib", 0, 9, 1)});
    } else if (object.find("lz4") != nullptr && array.format == 2) {
        codecs.emplace_back(Lz4Codec{level_of(object, "lz4", 1, 65537, 1)});
    } else {
        object.fail("codec", "must be blosc, zstd, gzip, \"none\" or, in version 2, zlib or lz4");
    }
    if (object.find("checksum") != nullptr) {
        object.word_or("checksum", {"crc32c"}, 0);
        if (array.format == 2) object.fail("checksum", "needs zarr_format 3");
        codecs.emplace_back(ChecksumCodec{});
    }
    object.finish();
    return codecs;
}

}  // namespace

void set_encoding(ArrayMetadata& array, const Shape& chunks, const Shape& shards, char separator,
                  const std::optional<JsonValue>& codec, std::string_view place) {
    array.keys = {array.format == 2 ? ChunkKeys::Style::v2 : ChunkKeys::Style::v3_default,
                  separator};
    std::vector<Codec> inner{BytesCodec{}};
    for (Codec& compressor : compressors(array, codec, place))
        inner.push_back(std::move(compressor));
    const bool sharded = std::ranges::any_of(shards, [](std::uint64_t size) { return size != 0; });
    array.chunk_shape = chunks;
    array.codecs = inner;
    if (!sharded) return;
    if (array.format == 2)
        throw Error{Exit::usage, std::string(place) + ": shards need zarr_format 3"};
    for (std::size_t i = 0; i < chunks.size(); ++i)
        if (shards[i] != 0) array.chunk_shape[i] = shards[i];
    auto sharding = std::make_shared<ShardingCodec>();
    sharding->chunk_shape = chunks;
    sharding->codecs = std::move(inner);
    sharding->index_codecs = {BytesCodec{}, ChecksumCodec{}};
    array.codecs = {std::shared_ptr<const ShardingCodec>(std::move(sharding))};
}

}  // namespace hls::zarr
