// SPDX-License-Identifier: Apache-2.0
#include "zarr/blosc_codec.hpp"

#include <blosc.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "zarr/codec_error.hpp"

namespace hls::zarr {
namespace {

constexpr std::array<std::string_view, 6> kCompressors{"blosclz", "lz4",  "lz4hc",
                                                       "snappy",  "zlib", "zstd"};
constexpr std::size_t kHeader = BLOSC_MIN_HEADER_LENGTH;
// Every part of a block is preceded by its length, and there are at most as many parts as bytes in
// an element.
constexpr std::size_t kLength = 4;
// Blosc makes no smaller blocks.
constexpr std::size_t kMinBlock = 128;

int shuffle_mode(const BloscCodec& codec) {
    switch (codec.shuffle) {
        case Shuffle::none:
            return BLOSC_NOSHUFFLE;
        case Shuffle::byte:
            return BLOSC_SHUFFLE;
        case Shuffle::bit:
            return BLOSC_BITSHUFFLE;
        case Shuffle::automatic:
            return codec.type_bytes == 1 ? BLOSC_BITSHUFFLE : BLOSC_SHUFFLE;
    }
    return BLOSC_NOSHUFFLE;
}

std::size_t type_bytes_of(const BloscCodec& codec) {
    return std::max<std::size_t>(codec.type_bytes, 1);
}

// The *_ctx functions look at no global state and no environment: only the parameters count.
std::size_t compress(const BloscCodec& codec, ByteView in, std::span<std::byte> out,
                     std::size_t block_bytes) {
    const int size = blosc_compress_ctx(codec.level, shuffle_mode(codec), type_bytes_of(codec),
                                        in.size(), in.data(), out.data(), out.size(),
                                        codec.compressor.c_str(), block_bytes, 1);
    if (size <= 0) compression_failed("blosc");
    return static_cast<std::size_t>(size);
}

std::uint32_t load_u32(ByteView bytes, std::size_t at) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

void store_u32(std::span<std::byte> bytes, std::size_t at, std::size_t value) {
    const auto number = static_cast<std::uint32_t>(value);
    std::memcpy(bytes.data() + at, &number, sizeof number);
}

// Where the compressed blocks of a buffer lie: `starts` has one more entry than there are blocks.
struct Blocks {
    std::uint8_t flags = 0;
    std::size_t bytes = 0;  // decoded
    std::size_t block_bytes = 0;
    std::vector<std::size_t> starts;

    std::size_t count() const { return starts.size() - 1; }
    // What to ask blosc for to get such blocks again: it multiplies by the elements' width where it
    // compresses the bytes of an element apart from each other.
    std::size_t wanted_bytes(std::size_t width) const {
        constexpr std::uint8_t kNotSplit = 0x10;
        return (flags & kNotSplit) != 0 ? block_bytes : block_bytes / width;
    }
    ByteView of(ByteView buffer, std::size_t first, std::size_t end) const {
        return buffer.subspan(starts[first], starts[end] - starts[first]);
    }
};

// nullopt for buffers that are plain copies and those whose blocks do not follow one another.
std::optional<Blocks> blocks_of(ByteView buffer) {
    std::size_t bytes = 0;
    if (buffer.size() < kHeader ||
        blosc_cbuffer_validate(buffer.data(), buffer.size(), &bytes) != 0 || bytes == 0)
        return std::nullopt;
    Blocks blocks;
    blocks.flags = std::to_integer<std::uint8_t>(buffer[2]);
    blocks.bytes = bytes;
    blocks.block_bytes = load_u32(buffer, 8);
    if ((blocks.flags & BLOSC_MEMCPYED) != 0 || blocks.block_bytes < kMinBlock) return std::nullopt;
    const std::size_t count = (bytes + blocks.block_bytes - 1) / blocks.block_bytes;
    if (count > (buffer.size() - kHeader) / kLength) return std::nullopt;
    std::size_t end = kHeader + count * kLength;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t start = load_u32(buffer, kHeader + i * kLength);
        const bool follows = i == 0 ? start == end : start > end;
        if (!follows || start >= buffer.size()) return std::nullopt;
        blocks.starts.push_back(start);
        end = start;
    }
    blocks.starts.push_back(buffer.size());
    return blocks;
}

// Blocks [first, end), all of which change.
struct Run {
    std::size_t first = 0;
    std::size_t end = 0;
};

std::vector<Run> runs_of(std::span<const ChunkBytes> changed, std::size_t block_bytes) {
    std::vector<Run> runs;
    for (const ChunkBytes& range : changed) {
        if (range.bytes == 0) continue;
        const Run run{range.first / block_bytes, (range.first + range.bytes - 1) / block_bytes + 1};
        if (!runs.empty() && run.first <= runs.back().end)
            runs.back().end = run.end;
        else
            runs.push_back(run);
    }
    return runs;
}

// Reads elements [first, end) (in bytes) that did not change. False if they are not whole ones.
bool fill_in(ByteView old, std::size_t width, ChunkBytes gap, std::span<std::byte> elements) {
    if (gap.bytes == 0) return true;
    if (gap.first % width != 0 || gap.bytes % width != 0) return false;
    const int got = blosc_getitem(old.data(), static_cast<int>(gap.first / width),
                                  static_cast<int>(gap.bytes / width), elements.data() + gap.first);
    if (got < 0 || static_cast<std::size_t>(got) != gap.bytes) damaged("blosc", "damaged data");
    return true;
}

// Completes the blocks of a run where they hold more than what changes.
bool complete(const Run& run, const Blocks& blocks, ByteView old, std::size_t width,
              std::span<const ChunkBytes> changed, std::span<std::byte> elements) {
    std::size_t at = run.first * blocks.block_bytes;
    const std::size_t end = std::min(run.end * blocks.block_bytes, blocks.bytes);
    for (const ChunkBytes& range : changed) {
        if (range.first + range.bytes <= at) continue;
        if (range.first >= end) break;
        if (range.first > at && !fill_in(old, width, {at, range.first - at}, elements))
            return false;
        at = range.first + range.bytes;
    }
    return at >= end || fill_in(old, width, {at, end - at}, elements);
}

}  // namespace

void require_valid_blosc(const BloscCodec& codec, std::uint64_t bytes) {
    if (std::find(kCompressors.begin(), kCompressors.end(), codec.compressor) == kCompressors.end())
        throw Error{Exit::bad_input,
                    fmt::format("blosc: compressor \"{}\" is not supported", codec.compressor)};
    require_level("blosc", codec.level, 0, 9);
    require_at_most("blosc", bytes, BLOSC_MAX_BUFFERSIZE);
    require_at_most("blosc block", codec.block_bytes, BLOSC_MAX_BUFFERSIZE);
}

std::uint64_t blosc_bound(std::uint64_t bytes) {
    return bytes + BLOSC_MAX_OVERHEAD;
}

std::size_t encode_blosc(const BloscCodec& codec, ByteView in, std::span<std::byte> out) {
    return compress(codec, in, out, codec.block_bytes);
}

std::size_t decode_blosc(ByteView in, std::span<std::byte> out) {
    std::size_t bytes = 0;
    if (in.size() < kHeader || blosc_cbuffer_validate(in.data(), in.size(), &bytes) != 0)
        damaged("blosc", "damaged or cut header");
    if (bytes > out.size()) damaged("blosc", fmt::format("{} bytes do not fit", bytes));
    if (bytes == 0) return 0;
    const int got = blosc_decompress_ctx(in.data(), out.data(), out.size(), 1);
    if (got < 0 || static_cast<std::size_t>(got) != bytes) damaged("blosc", "damaged data");
    return bytes;
}

std::uint64_t blosc_splice_bound(const BloscCodec& codec, std::uint64_t bytes) {
    const std::uint64_t blocks = bytes / kMinBlock + 1;
    return bytes + kHeader + blocks * kLength * (1 + type_bytes_of(codec));
}

std::optional<std::size_t> splice_blosc(const BloscCodec& codec, ByteView old,
                                        std::span<const ChunkBytes> changed,
                                        std::span<std::byte> elements, const SpliceMemory& memory) {
    const std::span<std::byte> scratch = memory.scratch;
    const std::span<std::byte> out = memory.out;
    const auto before = blocks_of(old);
    if (!before || before->bytes != elements.size()) return std::nullopt;
    const std::size_t width = std::to_integer<std::uint8_t>(old[3]);
    if (width != type_bytes_of(codec)) return std::nullopt;
    const auto runs = runs_of(changed, before->block_bytes);

    std::size_t at = kHeader + before->count() * kLength;
    std::size_t next = 0;  // block
    const auto append = [&](ByteView buffer, const Blocks& from, std::size_t first,
                            std::size_t end) {
        for (std::size_t i = first; i < end; ++i)
            store_u32(out, kHeader + next++ * kLength, at + from.starts[i] - from.starts[first]);
        const ByteView content = from.of(buffer, first, end);
        std::memcpy(out.data() + at, content.data(), content.size());
        at += content.size();
    };
    // Close to what the chunk holds blosc begins to compress differently, or copies.
    const auto fits = [&](std::size_t more) {
        return at + more + before->block_bytes <= blosc_bound(elements.size());
    };
    for (const Run& run : runs) {
        if (!fits(before->of(old, next, run.first).size())) return std::nullopt;
        append(old, *before, next, run.first);
        if (!complete(run, *before, old, width, changed, elements)) return std::nullopt;
        const std::size_t first = run.first * before->block_bytes;
        const std::size_t end = std::min(run.end * before->block_bytes, elements.size());
        if (end - first < before->block_bytes) return std::nullopt;  // its block would be another
        const ByteView made = scratch.first(compress(codec, elements.subspan(first, end - first),
                                                     scratch, before->wanted_bytes(width)));
        const auto blocks = blocks_of(made);
        if (!blocks || blocks->flags != before->flags ||
            blocks->block_bytes != before->block_bytes || !fits(made.size()))
            return std::nullopt;
        append(made, *blocks, 0, blocks->count());
    }
    if (!fits(before->of(old, next, before->count()).size())) return std::nullopt;
    append(old, *before, next, before->count());
    std::memcpy(out.data(), old.data(), kHeader);
    store_u32(out, 12, at);
    return at;
}

}  // namespace hls::zarr
