// SPDX-License-Identifier: Apache-2.0
#include "zarr/byte_codecs.hpp"

#include <bzlib.h>
#include <fmt/format.h>
#include <lz4.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "zarr/blosc_codec.hpp"
#include "zarr/codec_error.hpp"
#include "zarr/element_codecs.hpp"

namespace hls::zarr {

struct ByteCodecContexts::State {
    State() = default;
    ~State() {
        ZSTD_freeCCtx(zstd_compressor);
        ZSTD_freeDCtx(zstd_decompressor);
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    ZSTD_CCtx* zstd_compressor = nullptr;
    ZSTD_DCtx* zstd_decompressor = nullptr;
};

ByteCodecContexts::ByteCodecContexts() : state_(std::make_unique<State>()) {}
ByteCodecContexts::~ByteCodecContexts() = default;
ByteCodecContexts::ByteCodecContexts(ByteCodecContexts&&) noexcept = default;
ByteCodecContexts& ByteCodecContexts::operator=(ByteCodecContexts&&) noexcept = default;

namespace {

using Output = std::span<std::byte>;

constexpr std::size_t kChecksumBytes = 4;
constexpr std::size_t kLz4Header = 4;
constexpr std::uint64_t kMaxInt = std::numeric_limits<int>::max();

[[noreturn]] void out_of_memory(std::string_view codec) {
    throw Error{Exit::resource, fmt::format("{}: out of memory", codec)};
}

template <typename T>
T* or_out_of_memory(T* pointer, std::string_view codec) {
    if (pointer == nullptr) out_of_memory(codec);
    return pointer;
}

std::uint32_t load_u32(ByteView bytes) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

void store_u32(std::uint32_t value, std::byte* to) {
    std::memcpy(to, &value, sizeof value);
}

// --- blosc ---------------------------------------------------------------------------------------

void check(const BloscCodec& codec, std::uint64_t bytes) {
    require_valid_blosc(codec, bytes);
}

std::uint64_t bound(const BloscCodec&, std::uint64_t bytes) {
    return blosc_bound(bytes);
}

std::size_t encode(const BloscCodec& codec, ByteView in, Output out, ByteCodecContexts::State&) {
    return encode_blosc(codec, in, out);
}

std::size_t decode(const BloscCodec&, ByteView in, Output out, ByteCodecContexts::State&) {
    return decode_blosc(in, out);
}

// --- deflate -------------------------------------------------------------------------------------

int window_bits(const DeflateCodec& codec) {
    return codec.frame == DeflateCodec::Frame::gzip ? MAX_WBITS + 16 : MAX_WBITS;
}

std::string_view frame_name(const DeflateCodec& codec) {
    return codec.frame == DeflateCodec::Frame::gzip ? "gzip" : "zlib";
}

void check(const DeflateCodec& codec, std::uint64_t bytes) {
    require_level(frame_name(codec), codec.level, -1, 9);
    require_at_most(frame_name(codec), bytes, kMaxInt);
}

std::uint64_t bound(const DeflateCodec&, std::uint64_t bytes) {
    return compressBound(bytes) + 32;
}

Bytef* zlib_input(ByteView in) {
    return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(in.data()));
}

std::size_t encode(const DeflateCodec& codec, ByteView in, Output out, ByteCodecContexts::State&) {
    z_stream stream{};
    if (deflateInit2(&stream, codec.level, Z_DEFLATED, window_bits(codec), 8, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        out_of_memory(frame_name(codec));
    stream.next_in = zlib_input(in);
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(std::min<std::size_t>(out.size(), kMaxInt));
    const int result = deflate(&stream, Z_FINISH);
    const std::size_t size = stream.total_out;
    deflateEnd(&stream);
    if (result != Z_STREAM_END) compression_failed(frame_name(codec));
    return size;
}

std::size_t decode(const DeflateCodec& codec, ByteView in, Output out, ByteCodecContexts::State&) {
    require_at_most(frame_name(codec), in.size(), std::numeric_limits<uInt>::max());
    z_stream stream{};
    if (inflateInit2(&stream, window_bits(codec)) != Z_OK) out_of_memory(frame_name(codec));
    stream.next_in = zlib_input(in);
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(std::min<std::size_t>(out.size(), kMaxInt));
    int result = Z_OK;
    do {
        result = inflate(&stream, Z_FINISH);
        // A gzip file may have several members, one after the other.
        if (result == Z_STREAM_END && stream.avail_in > 0 &&
            codec.frame == DeflateCodec::Frame::gzip)
            result = inflateReset(&stream);
        else
            break;
    } while (result == Z_OK);
    const std::size_t size =
        static_cast<std::size_t>(stream.next_out - reinterpret_cast<Bytef*>(out.data()));
    const bool all_read = stream.avail_in == 0;
    const bool full = stream.avail_out == 0;
    inflateEnd(&stream);
    if (result == Z_MEM_ERROR) out_of_memory(frame_name(codec));
    if (result != Z_STREAM_END || !all_read)
        damaged(frame_name(codec),
                full && !all_read ? "more data than the chunk holds" : "damaged or cut data");
    return size;
}

// --- zstd ----------------------------------------------------------------------------------------

void check(const ZstdCodec& codec, std::uint64_t) {
    require_level("zstd", codec.level, ZSTD_minCLevel(), ZSTD_maxCLevel());
}

std::uint64_t bound(const ZstdCodec&, std::uint64_t bytes) {
    return ZSTD_compressBound(bytes);
}

std::size_t encode(const ZstdCodec& codec, ByteView in, Output out,
                   ByteCodecContexts::State& state) {
    if (state.zstd_compressor == nullptr)
        state.zstd_compressor = or_out_of_memory(ZSTD_createCCtx(), "zstd");
    ZSTD_CCtx* const context = state.zstd_compressor;
    ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters);
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, codec.level);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, codec.checksum ? 1 : 0);
    const std::size_t size = ZSTD_compress2(context, out.data(), out.size(), in.data(), in.size());
    if (ZSTD_isError(size)) compression_failed("zstd");
    return size;
}

std::size_t decode(const ZstdCodec&, ByteView in, Output out, ByteCodecContexts::State& state) {
    if (in.empty()) damaged("zstd", "no data");
    if (state.zstd_decompressor == nullptr)
        state.zstd_decompressor = or_out_of_memory(ZSTD_createDCtx(), "zstd");
    const std::size_t size =
        ZSTD_decompressDCtx(state.zstd_decompressor, out.data(), out.size(), in.data(), in.size());
    if (ZSTD_isError(size)) damaged("zstd", ZSTD_getErrorName(size));
    return size;
}

// --- lz4, bzip2 ----------------------------------------------------------------------------------

void check(const Lz4Codec&, std::uint64_t bytes) {
    require_at_most("lz4", bytes, LZ4_MAX_INPUT_SIZE);
}

std::uint64_t bound(const Lz4Codec&, std::uint64_t bytes) {
    return static_cast<std::uint64_t>(LZ4_compressBound(static_cast<int>(bytes))) + kLz4Header;
}

std::size_t encode(const Lz4Codec& codec, ByteView in, Output out, ByteCodecContexts::State&) {
    store_u32(static_cast<std::uint32_t>(in.size()), out.data());
    const int size = LZ4_compress_fast(
        reinterpret_cast<const char*>(in.data()), reinterpret_cast<char*>(out.data() + kLz4Header),
        static_cast<int>(in.size()), static_cast<int>(out.size() - kLz4Header), codec.acceleration);
    if (size <= 0) compression_failed("lz4");
    return static_cast<std::size_t>(size) + kLz4Header;
}

std::size_t decode(const Lz4Codec&, ByteView in, Output out, ByteCodecContexts::State&) {
    if (in.size() < kLz4Header) damaged("lz4", "cut header");
    const std::uint32_t bytes = load_u32(in);
    if (bytes > out.size()) damaged("lz4", fmt::format("{} bytes do not fit", bytes));
    const auto block = in.subspan(kLz4Header);
    require_at_most("lz4", block.size(), kMaxInt);
    const int got = LZ4_decompress_safe(reinterpret_cast<const char*>(block.data()),
                                        reinterpret_cast<char*>(out.data()),
                                        static_cast<int>(block.size()), static_cast<int>(bytes));
    if (got < 0 || static_cast<std::uint32_t>(got) != bytes) damaged("lz4", "damaged data");
    return bytes;
}

void check(const Bzip2Codec& codec, std::uint64_t bytes) {
    require_level("bz2", codec.level, 1, 9);
    require_at_most("bz2", bytes, kMaxInt);
}

std::uint64_t bound(const Bzip2Codec&, std::uint64_t bytes) {
    return bytes + bytes / 50 + 1024;
}

std::size_t encode(const Bzip2Codec&, ByteView, Output, ByteCodecContexts::State&) {
    compression_failed("bz2");
}

std::size_t decode(const Bzip2Codec&, ByteView in, Output out, ByteCodecContexts::State&) {
    require_at_most("bz2", in.size(), std::numeric_limits<unsigned>::max());
    auto size = static_cast<unsigned>(std::min<std::size_t>(out.size(), kMaxInt));
    const int result =
        BZ2_bzBuffToBuffDecompress(reinterpret_cast<char*>(out.data()), &size,
                                   const_cast<char*>(reinterpret_cast<const char*>(in.data())),
                                   static_cast<unsigned>(in.size()), 0, 0);
    if (result == BZ_MEM_ERROR) out_of_memory("bz2");
    if (result == BZ_OUTBUFF_FULL) damaged("bz2", "more data than the chunk holds");
    if (result != BZ_OK) damaged("bz2", "damaged or cut data");
    return size;
}

// --- shuffle and checksums -----------------------------------------------------------------------

void check(const ShuffleCodec& codec, std::uint64_t bytes) {
    if (codec.element_bytes == 0 || bytes % codec.element_bytes != 0)
        throw Error{Exit::bad_input, fmt::format("shuffle: {} bytes are no multiple of {}", bytes,
                                                 codec.element_bytes)};
}

std::uint64_t bound(const ShuffleCodec&, std::uint64_t bytes) {
    return bytes;
}

std::size_t encode(const ShuffleCodec& codec, ByteView in, Output out, ByteCodecContexts::State&) {
    shuffle_bytes(in, codec.element_bytes, out);
    return in.size();
}

std::size_t decode(const ShuffleCodec& codec, ByteView in, Output out, ByteCodecContexts::State&) {
    if (in.size() > out.size() || in.size() % codec.element_bytes != 0)
        damaged("shuffle", fmt::format("{} bytes do not fit", in.size()));
    unshuffle_bytes(in, codec.element_bytes, out);
    return in.size();
}

std::string_view checksum_name(ChecksumCodec::Kind kind) {
    if (kind == ChecksumCodec::Kind::crc32c) return "crc32c";
    return kind == ChecksumCodec::Kind::crc32 ? "crc32" : "adler32";
}

void check(const ChecksumCodec&, std::uint64_t) {}

std::uint64_t bound(const ChecksumCodec&, std::uint64_t bytes) {
    return bytes + kChecksumBytes;
}

// Version 3 puts its checksum behind the data, version 2's filters put theirs in front.
std::size_t encode(const ChecksumCodec& codec, ByteView in, Output out, ByteCodecContexts::State&) {
    const bool behind = codec.kind == ChecksumCodec::Kind::crc32c;
    std::memcpy(out.data() + (behind ? 0 : kChecksumBytes), in.data(), in.size());
    store_u32(checksum(codec.kind, in), out.data() + (behind ? in.size() : 0));
    return in.size() + kChecksumBytes;
}

std::size_t decode(const ChecksumCodec& codec, ByteView in, Output out, ByteCodecContexts::State&) {
    const auto name = checksum_name(codec.kind);
    if (in.size() < kChecksumBytes) damaged(name, "cut data");
    const bool behind = codec.kind == ChecksumCodec::Kind::crc32c;
    const auto data = in.subspan(behind ? 0 : kChecksumBytes, in.size() - kChecksumBytes);
    const auto stored = load_u32(behind ? in.last(kChecksumBytes) : in.first(kChecksumBytes));
    if (data.size() > out.size()) damaged(name, fmt::format("{} bytes do not fit", data.size()));
    if (checksum(codec.kind, data) != stored) damaged(name, "checksum does not match");
    std::memcpy(out.data(), data.data(), data.size());
    return data.size();
}

// Calls body with the codec's own type; anything but a byte codec is a mistake of the caller.
template <typename Result, typename Body>
Result with_byte_codec(const Codec& codec, Body body) {
    return std::visit(
        [&](const auto& one) -> Result {
            if constexpr (requires { bound(one, std::uint64_t{}); })
                return body(one);
            else
                throw Error{Exit::internal, "not a bytes -> bytes codec"};
        },
        codec);
}

}  // namespace

bool is_byte_codec(const Codec& codec) {
    return std::visit(
        [](const auto& one) {
            return requires {
                bound(one, std::uint64_t{});
            };
        },
        codec);
}

bool is_writable(const Codec& codec) {
    return !std::holds_alternative<Bzip2Codec>(codec) &&
           !std::holds_alternative<ZfpyCodec>(codec) &&
           !std::holds_alternative<VariableTextCodec>(codec);
}

void require_valid(const Codec& codec, std::uint64_t bytes) {
    with_byte_codec<void>(codec, [&](const auto& one) { check(one, bytes); });
}

std::uint64_t encoded_bound(const Codec& codec, std::uint64_t bytes) {
    return with_byte_codec<std::uint64_t>(codec,
                                          [&](const auto& one) { return bound(one, bytes); });
}

std::uint64_t plausible_bound(const Codec& codec, std::uint64_t bytes) {
    // Compressors that flush often, or store what they cannot compress, stay well below this.
    return encoded_bound(codec, bytes) + bytes / 8 + 1024;
}

std::size_t encode_bytes(const Codec& codec, ByteView in, std::span<std::byte> out,
                         ByteCodecContexts& contexts) {
    return with_byte_codec<std::size_t>(
        codec, [&](const auto& one) { return encode(one, in, out, contexts.state()); });
}

std::size_t decode_bytes(const Codec& codec, ByteView in, std::span<std::byte> out,
                         ByteCodecContexts& contexts) {
    return with_byte_codec<std::size_t>(
        codec, [&](const auto& one) { return decode(one, in, out, contexts.state()); });
}

}  // namespace hls::zarr
