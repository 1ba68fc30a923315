// SPDX-License-Identifier: Apache-2.0
// How a chunk of elements becomes the bytes of an object, and back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "zarr/data_type.hpp"
#include "zarr/object_store.hpp"

namespace hls::zarr {

// Codecs as metadata describes them, in the order of encoding.

// array -> array
struct TransposeCodec {
    std::vector<std::size_t> order;  // dimension i of the result is dimension order[i] of the input
    bool operator==(const TransposeCodec&) const = default;
};
struct DeltaCodec {  // version 2: differences of neighbours, wrapping around
    DataType type;
    bool operator==(const DeltaCodec&) const = default;
};

// array -> bytes
struct BytesCodec {
    bool big_endian = false;
    bool operator==(const BytesCodec&) const = default;
};
struct VariableTextCodec {  // version 2's vlen-utf8
    bool operator==(const VariableTextCodec&) const = default;
};
struct ZfpyCodec {  // version 2, read only; parameters lie in each chunk's header
    JsonObject configuration;
    bool operator==(const ZfpyCodec&) const = default;
};
struct ShardingCodec;

// bytes -> bytes
enum class Shuffle { none, byte, bit, automatic };  // automatic: byte, or bit for 1-byte elements
struct BloscCodec {
    std::string compressor = "zstd";  // blosclz lz4 lz4hc snappy zlib zstd
    int level = 1;                    // 0..9
    Shuffle shuffle = Shuffle::byte;
    std::size_t type_bytes = 0;   // width that is shuffled
    std::size_t block_bytes = 0;  // 0: blosc chooses
    bool operator==(const BloscCodec&) const = default;
};
struct DeflateCodec {
    enum class Frame { gzip, zlib } frame = Frame::gzip;
    int level = 1;  // 0..9
    bool operator==(const DeflateCodec&) const = default;
};
struct ZstdCodec {
    int level = 1;
    bool checksum = false;
    bool operator==(const ZstdCodec&) const = default;
};
struct Lz4Codec {  // version 2: 4 bytes of raw size, one LZ4 block
    int acceleration = 1;
    bool operator==(const Lz4Codec&) const = default;
};
struct Bzip2Codec {  // read only
    int level = 1;
    bool operator==(const Bzip2Codec&) const = default;
};
struct ShuffleCodec {  // version 2's filter
    std::size_t element_bytes = 4;
    bool operator==(const ShuffleCodec&) const = default;
};
struct ChecksumCodec {
    enum class Kind { crc32c, crc32, adler32 } kind = Kind::crc32c;  // the last two: version 2
    bool operator==(const ChecksumCodec&) const = default;
};

using Codec = std::variant<TransposeCodec, DeltaCodec, BytesCodec, VariableTextCodec, ZfpyCodec,
                           std::shared_ptr<const ShardingCodec>, BloscCodec, DeflateCodec,
                           ZstdCodec, Lz4Codec, Bzip2Codec, ShuffleCodec, ChecksumCodec>;

// sharding_indexed: one object holds many inner chunks and an index of (offset, size) pairs.
struct ShardingCodec {
    std::vector<std::uint64_t> chunk_shape;
    std::vector<Codec> codecs;
    std::vector<Codec> index_codecs;  // bytes, optionally crc32c
    bool index_at_start = false;
};

// What a chain of codecs turns into bytes: a full chunk in C order.
struct ChunkLayout {
    DataType type;
    std::vector<std::uint64_t> shape;
    Bytes fill;  // one element, native byte order
};

// The chunks that one array of metadata may have: Error{bad_input} beyond 2^31 - 1 bytes decoded.
inline constexpr std::uint64_t kMaxChunkBytes = (std::uint64_t{1} << 31) - 1;

// A part of a chunk's elements, in C order.
struct ChunkBytes {
    std::size_t first = 0;
    std::size_t bytes = 0;
};

// Memory that encoding and decoding use again and again; one per thread.
class CodecBuffers {
 public:
    CodecBuffers();
    ~CodecBuffers();
    CodecBuffers(CodecBuffers&&) noexcept;
    CodecBuffers& operator=(CodecBuffers&&) noexcept;

    struct State;
    State& state() { return *state_; }

 private:
    std::unique_ptr<State> state_;
};

// A checked chain of codecs for one chunk layout. Immutable: any number of threads may use it, each
// with buffers of its own. The same elements give the same bytes, whatever was encoded before.
class ChunkCodec {
 public:
    // Throws Error{bad_input} if the codecs do not form a chain for this layout.
    ChunkCodec(ChunkLayout layout, std::vector<Codec> codecs);
    ~ChunkCodec();
    ChunkCodec(ChunkCodec&&) noexcept;
    ChunkCodec& operator=(ChunkCodec&&) noexcept;

    const ChunkLayout& layout() const;
    std::size_t decoded_bytes() const;
    // encode() makes at most this many bytes.
    std::uint64_t encoded_bound() const;
    // No object of this layout is larger; reading a larger one is refused before it is read.
    std::uint64_t max_encoded_bytes() const;
    // Throws Error{bad_input} if some codec of the chain is only read.
    void require_writable() const;

    // The codec of one inner chunk if readers can fetch inner chunks alone, else nullptr.
    const ChunkCodec* inner() const;
    // Where the index of such a shard lies in the object; it always has that many bytes.
    ByteRange index_range() const;
    // Number of inner chunks per dimension.
    std::vector<std::uint64_t> inner_grid() const;
    // Where the inner chunks lie, in C order; nullopt where all is fill.
    std::vector<std::optional<ByteRange>> decode_index(ByteView index, CodecBuffers& buffers) const;

    // `elements`: decoded_bytes() bytes in C order, native byte order. The result lies in `buffers`
    // (or, for a chain of "bytes" alone, is `elements` itself) until they are used again.
    ByteView encode(ByteView elements, CodecBuffers& buffers) const;

    // What encode() makes of the chunk of `old` after the ranges `changed` (ascending, apart) got
    // the bytes that `elements` has there; its other bytes may be anything and are lost. Saves
    // decoding and encoding what lies between where the codecs allow it. `old` must be what
    // encode() of this very codec made; Error{bad_input} where it is seen to be damaged.
    ByteView encode_changed(ByteView old, std::span<const ChunkBytes> changed,
                            std::span<std::byte> elements, CodecBuffers& buffers) const;

    // Fills all of `elements`. Throws Error{bad_input} if `encoded` is damaged, cut or does not
    // decode to exactly decoded_bytes(); never writes or allocates beyond what the layout says.
    void decode(ByteView encoded, std::span<std::byte> elements, CodecBuffers& buffers) const;

    // For variable_text: the strings of one chunk.
    std::vector<std::string> decode_text(ByteView encoded, CodecBuffers& buffers) const;

 private:
    struct Chain;
    std::unique_ptr<const Chain> chain_;
};

// CRC-32C (Castagnoli) of iSCSI, RFC 3720 appendix B.4.
std::uint32_t crc32c(ByteView data) noexcept;
std::uint32_t checksum(ChecksumCodec::Kind kind, ByteView data) noexcept;

}  // namespace hls::zarr
