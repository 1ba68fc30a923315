// SPDX-License-Identifier: Apache-2.0
#include "zarr/codec_json.hpp"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <utility>

#include "core/error.hpp"
#include "core/escape.hpp"
#include "zarr/members.hpp"

namespace hls::zarr {
namespace {

constexpr std::array<std::pair<std::string_view, Shuffle>, 3> kShuffleWords{{
    {"noshuffle", Shuffle::none},
    {"shuffle", Shuffle::byte},
    {"bitshuffle", Shuffle::bit},
}};

int small_integer(const Members& members, std::string_view name, std::int64_t otherwise) {
    const auto value = members.integer_or(name, otherwise);
    if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max())
        members.fail(fmt::format("\"{}\" is out of range", name));
    return static_cast<int>(value);
}

std::size_t size_of(const Members& members, std::string_view name, std::int64_t otherwise) {
    const int value = small_integer(members, name, otherwise);
    if (value < 0) members.fail(fmt::format("\"{}\" is negative", name));
    return static_cast<std::size_t>(value);
}

Shuffle shuffle_from_word(const Members& members) {
    const auto word = members.text("shuffle");
    for (const auto& [name, shuffle] : kShuffleWords)
        if (name == word) return shuffle;
    members.fail(fmt::format("shuffle \"{}\" is not supported", json_escape(word.substr(0, 40))));
}

// --- version 3 -----------------------------------------------------------------------------------

Codec v3_bytes(const Members& members, const DataType& type) {
    members.allow_only({"endian"});
    if (members.find("endian") == nullptr) {
        if (type.unit_bytes() > 1) members.fail("no \"endian\"");
        return BytesCodec{false};
    }
    const auto endian = members.text("endian");
    if (endian != "little" && endian != "big")
        members.fail("\"endian\" is neither \"little\" nor \"big\"");
    return BytesCodec{endian == "big"};
}

Codec v3_transpose(const Members& members) {
    members.allow_only({"order"});
    TransposeCodec codec;
    for (const auto d : members.sizes("order")) codec.order.push_back(static_cast<std::size_t>(d));
    return codec;
}

Codec v3_blosc(const Members& members) {
    members.allow_only({"cname", "clevel", "shuffle", "typesize", "blocksize"});
    BloscCodec codec;
    codec.compressor = members.text("cname");
    codec.level = static_cast<int>(members.integer("clevel"));
    codec.shuffle = shuffle_from_word(members);
    codec.type_bytes = size_of(members, "typesize", 0);
    codec.block_bytes = size_of(members, "blocksize", 0);
    if (codec.shuffle != Shuffle::none && codec.type_bytes == 0)
        members.fail("shuffling needs \"typesize\"");
    return codec;
}

Codec v3_zstd(const Members& members) {
    members.allow_only({"level", "checksum"});
    return ZstdCodec{small_integer(members, "level", 0), members.truth_or("checksum", false)};
}

Codec v3_deflate(const Members& members, DeflateCodec::Frame frame) {
    members.allow_only({"level"});
    return DeflateCodec{frame, static_cast<int>(members.integer("level"))};
}

Codec v3_sharding(const Members& members, const DataType& type) {
    members.allow_only({"chunk_shape", "codecs", "index_codecs", "index_location"});
    auto codec = std::make_shared<ShardingCodec>();
    codec->chunk_shape = members.sizes("chunk_shape");
    codec->codecs = parse_v3_codecs(members.list("codecs"), type, members.where());
    codec->index_codecs = parse_v3_codecs(members.list("index_codecs"), kUint64, members.where());
    const auto* location = members.find("index_location");
    const std::string word = location == nullptr ? "end" : members.text("index_location");
    if (word != "end" && word != "start")
        members.fail("\"index_location\" is neither \"start\" nor \"end\"");
    codec->index_at_start = word == "start";
    return std::shared_ptr<const ShardingCodec>(std::move(codec));
}

Codec parse_v3_codec(const std::string& name, const JsonObject& configuration, const DataType& type,
                     const std::string& where) {
    const Members members(configuration,
                          fmt::format("{}: codec {}", where, json_escape(name.substr(0, 80))));
    if (name == "bytes") return v3_bytes(members, type);
    if (name == "transpose") return v3_transpose(members);
    if (name == "blosc") return v3_blosc(members);
    if (name == "zstd") return v3_zstd(members);
    if (name == "gzip") return v3_deflate(members, DeflateCodec::Frame::gzip);
    if (name == "numcodecs.zlib") return v3_deflate(members, DeflateCodec::Frame::zlib);
    if (name == "sharding_indexed") return v3_sharding(members, type);
    if (name == "crc32c") {
        members.allow_only({});
        return ChecksumCodec{ChecksumCodec::Kind::crc32c};
    }
    if (name == "bz2" || name == "numcodecs.bz2") {
        members.allow_only({"level"});
        return Bzip2Codec{small_integer(members, "level", 1)};
    }
    members.fail("not supported");
}

struct NamedConfiguration {
    std::string name;
    JsonObject configuration;
};

// What a codec is called in version 3, for the ones that exist there.
NamedConfiguration v3_form(const TransposeCodec& codec) {
    JsonArray order;
    for (const auto d : codec.order) order.emplace_back(static_cast<std::uint64_t>(d));
    return {"transpose", {{"order", std::move(order)}}};
}
NamedConfiguration v3_form(const BytesCodec& codec) {
    return {"bytes", {{"endian", codec.big_endian ? "big" : "little"}}};
}
NamedConfiguration v3_form(const BloscCodec& codec) {
    const auto shuffle = codec.shuffle != Shuffle::automatic ? codec.shuffle
                         : codec.type_bytes == 1             ? Shuffle::bit
                                                             : Shuffle::byte;
    JsonObject configuration{{"cname", codec.compressor},
                             {"clevel", codec.level},
                             {"blocksize", static_cast<std::uint64_t>(codec.block_bytes)}};
    for (const auto& [word, value] : kShuffleWords)
        if (value == shuffle) configuration["shuffle"] = word;
    if (codec.type_bytes > 0)
        configuration["typesize"] = static_cast<std::uint64_t>(codec.type_bytes);
    return {"blosc", std::move(configuration)};
}
NamedConfiguration v3_form(const DeflateCodec& codec) {
    const bool gzip = codec.frame == DeflateCodec::Frame::gzip;
    return {gzip ? "gzip" : "numcodecs.zlib", {{"level", codec.level}}};
}
NamedConfiguration v3_form(const ZstdCodec& codec) {
    return {"zstd", {{"level", codec.level}, {"checksum", codec.checksum}}};
}
NamedConfiguration v3_form(const Bzip2Codec& codec) {
    return {"numcodecs.bz2", {{"level", codec.level}}};
}
NamedConfiguration v3_form(const std::shared_ptr<const ShardingCodec>& codec) {
    JsonArray chunk_shape;
    for (const auto n : codec->chunk_shape) chunk_shape.emplace_back(n);
    return {"sharding_indexed",
            {{"chunk_shape", std::move(chunk_shape)},
             {"codecs", v3_codecs_document(codec->codecs)},
             {"index_codecs", v3_codecs_document(codec->index_codecs)},
             {"index_location", codec->index_at_start ? "start" : "end"}}};
}
NamedConfiguration v3_form(const ChecksumCodec& codec) {
    if (codec.kind != ChecksumCodec::Kind::crc32c)
        throw Error{Exit::internal, "this checksum exists in Zarr version 2 only"};
    return {"crc32c", {}};
}
template <typename Other>
NamedConfiguration v3_form(const Other&) {
    throw Error{Exit::internal, "a codec that exists in Zarr version 2 only"};
}

// --- version 2 -----------------------------------------------------------------------------------

Codec v2_blosc(const Members& members, std::size_t bytes_before) {
    members.allow_only({"id", "cname", "clevel", "shuffle", "blocksize"});
    BloscCodec codec;
    codec.compressor = members.text("cname");
    codec.level = small_integer(members, "clevel", 5);
    codec.block_bytes = size_of(members, "blocksize", 0);
    codec.type_bytes = bytes_before;
    switch (members.integer_or("shuffle", 1)) {
        case -1:
            codec.shuffle = Shuffle::automatic;
            break;
        case 0:
            codec.shuffle = Shuffle::none;
            break;
        case 1:
            codec.shuffle = Shuffle::byte;
            break;
        case 2:
            codec.shuffle = Shuffle::bit;
            break;
        default:
            members.fail("\"shuffle\" is not one of -1, 0, 1, 2");
    }
    return codec;
}

Codec v2_delta(const Members& members, const TypeString& type) {
    members.allow_only({"id", "dtype", "astype"});
    const auto expected = typestr_of(type.type, type.big_endian);
    if (members.text("dtype") != expected ||
        (members.find("astype") != nullptr && members.text("astype") != expected))
        members.fail(fmt::format("only between values of the array's own type {}", expected));
    return DeltaCodec{type.type};
}

Codec v2_zstd(const Members& members) {
    members.allow_only({"id", "level", "checksum"});
    return ZstdCodec{small_integer(members, "level", 1), members.truth_or("checksum", false)};
}

std::int64_t shuffle_code(Shuffle shuffle) {
    switch (shuffle) {
        case Shuffle::none:
            return 0;
        case Shuffle::byte:
            return 1;
        case Shuffle::bit:
            return 2;
        case Shuffle::automatic:
            return -1;
    }
    return 0;
}

// A codec's document in version 2.
JsonObject v2_form(const DeltaCodec& codec, bool big_endian) {
    const auto type = typestr_of(codec.type, big_endian);
    return {{"id", "delta"}, {"dtype", type}, {"astype", type}};
}
JsonObject v2_form(const VariableTextCodec&, bool) {
    return {{"id", "vlen-utf8"}};
}
JsonObject v2_form(const ZfpyCodec& codec, bool) {
    return codec.configuration;
}
JsonObject v2_form(const BloscCodec& codec, bool) {
    return {{"id", "blosc"},
            {"cname", codec.compressor},
            {"clevel", codec.level},
            {"shuffle", shuffle_code(codec.shuffle)},
            {"blocksize", static_cast<std::uint64_t>(codec.block_bytes)}};
}
JsonObject v2_form(const DeflateCodec& codec, bool) {
    const bool gzip = codec.frame == DeflateCodec::Frame::gzip;
    return {{"id", gzip ? "gzip" : "zlib"}, {"level", codec.level}};
}
JsonObject v2_form(const ZstdCodec& codec, bool) {
    JsonObject object{{"id", "zstd"}, {"level", codec.level}};
    // Older readers do not know this member.
    if (codec.checksum) object["checksum"] = true;
    return object;
}
JsonObject v2_form(const Lz4Codec& codec, bool) {
    return {{"id", "lz4"}, {"acceleration", codec.acceleration}};
}
JsonObject v2_form(const Bzip2Codec& codec, bool) {
    return {{"id", "bz2"}, {"level", codec.level}};
}
JsonObject v2_form(const ShuffleCodec& codec, bool) {
    return {{"id", "shuffle"}, {"elementsize", static_cast<std::uint64_t>(codec.element_bytes)}};
}
JsonObject v2_form(const ChecksumCodec& codec, bool) {
    if (codec.kind == ChecksumCodec::Kind::crc32c)
        throw Error{Exit::internal, "crc32c exists in Zarr version 3 only"};
    return {{"id", codec.kind == ChecksumCodec::Kind::crc32 ? "crc32" : "adler32"}};
}
template <typename Other>
JsonObject v2_form(const Other&, bool) {
    throw Error{Exit::internal, "a codec that exists in Zarr version 3 only"};
}

}  // namespace

std::vector<Codec> parse_v3_codecs(const JsonArray& list, const DataType& type,
                                   const std::string& where) {
    std::vector<Codec> codecs;
    for (const auto& item : list) {
        static const JsonObject kNone;
        // Version 3.1 allows the name alone.
        if (const auto* name = item.get<std::string>()) {
            codecs.push_back(parse_v3_codec(*name, kNone, type, where));
            continue;
        }
        const Members members(item, fmt::format("{}: codecs", where));
        // A codec must be understood whatever the document says of it.
        members.allow_only({"name", "configuration", "must_understand"});
        const auto* configuration = members.find("configuration");
        if (configuration != nullptr && configuration->get<JsonObject>() == nullptr)
            members.fail("\"configuration\" is not a JSON object");
        codecs.push_back(parse_v3_codec(
            members.text("name"),
            configuration == nullptr ? kNone : *configuration->get<JsonObject>(), type, where));
    }
    return codecs;
}

JsonArray v3_codecs_document(const std::vector<Codec>& codecs) {
    JsonArray list;
    for (const auto& codec : codecs) {
        auto form = std::visit([](const auto& one) { return v3_form(one); }, codec);
        JsonObject object{{"name", std::move(form.name)}};
        if (!form.configuration.empty()) object["configuration"] = std::move(form.configuration);
        list.emplace_back(std::move(object));
    }
    return list;
}

Codec parse_v2_codec(const JsonValue& value, const TypeString& type, std::size_t bytes_before,
                     const std::string& where) {
    const Members outer(value, where);
    const auto id = outer.text("id");
    const Members members(outer.object(),
                          fmt::format("{}: codec {}", where, json_escape(id.substr(0, 80))));
    if (id == "blosc") return v2_blosc(members, bytes_before);
    if (id == "delta") return v2_delta(members, type);
    if (id == "zstd") return v2_zstd(members);
    if (id == "zfpy") return ZfpyCodec{members.object()};
    if (id == "gzip" || id == "zlib" || id == "bz2") {
        members.allow_only({"id", "level"});
        const int level = small_integer(members, "level", 1);
        if (id == "bz2") return Bzip2Codec{level};
        return DeflateCodec{id == "gzip" ? DeflateCodec::Frame::gzip : DeflateCodec::Frame::zlib,
                            level};
    }
    if (id == "lz4") {
        members.allow_only({"id", "acceleration"});
        return Lz4Codec{small_integer(members, "acceleration", 1)};
    }
    if (id == "shuffle") {
        members.allow_only({"id", "elementsize"});
        return ShuffleCodec{size_of(members, "elementsize", 4)};
    }
    if (id == "vlen-utf8" || id == "crc32" || id == "adler32") {
        members.allow_only({"id"});
        if (id == "vlen-utf8") return VariableTextCodec{};
        return ChecksumCodec{id == "crc32" ? ChecksumCodec::Kind::crc32
                                           : ChecksumCodec::Kind::adler32};
    }
    members.fail("not supported");
}

JsonValue v2_codec_document(const Codec& codec, bool big_endian) {
    return std::visit([&](const auto& one) { return v2_form(one, big_endian); }, codec);
}

}  // namespace hls::zarr
