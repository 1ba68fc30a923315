// SPDX-License-Identifier: Apache-2.0
#include "zarr/blosc_codec.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/error.hpp"
#include "random_array.hpp"

namespace hls::zarr {
namespace {

// Smooth numbers with noise in `noisy` of their low bits.
Bytes some_elements(Random& random, std::size_t bytes, std::size_t width, unsigned noisy) {
    Bytes elements(bytes);
    std::uint64_t value = random();
    for (std::size_t at = 0; at + width <= bytes; at += width) {
        value += below(random, 7);
        const std::uint64_t noise = noisy == 0 ? 0 : below(random, std::size_t{1} << noisy);
        for (std::size_t i = 0; i < width; ++i)
            elements[at + i] = static_cast<std::byte>((value + noise) >> (8 * i) & 0xff);
    }
    return elements;
}

std::vector<ChunkBytes> some_ranges(Random& random, std::size_t bytes, std::size_t width) {
    std::vector<ChunkBytes> ranges;
    const std::size_t items = bytes / width;
    for (std::size_t at = below(random, items); at < items;) {
        const std::size_t count = 1 + below(random, items - at);
        ranges.push_back({at * width, count * width});
        at += count + 1 + below(random, items);
    }
    return ranges;
}

struct Encoder {
    BloscCodec codec;
    Bytes encode(ByteView elements) const {
        Bytes out(blosc_bound(elements.size()));
        out.resize(encode_blosc(codec, elements, out));
        return out;
    }
    std::optional<Bytes> splice(ByteView old, std::span<const ChunkBytes> changed,
                                Bytes elements) const {
        Bytes scratch(blosc_splice_bound(codec, elements.size()));
        Bytes out(blosc_bound(elements.size()));
        const auto size = splice_blosc(codec, old, changed, elements, {scratch, out});
        if (!size) return std::nullopt;
        out.resize(*size);
        return out;
    }
};

// Whatever is spliced equals what encoding the whole makes, byte for byte.
TEST(BloscSplice, EqualsEncodingTheWhole) {
    Random random(7);
    const std::string compressors[] = {"blosclz", "lz4", "lz4hc", "snappy", "zlib", "zstd"};
    int spliced = 0;
    for (int trial = 0; trial < 360; ++trial) {
        Encoder encoder;
        encoder.codec.compressor = compressors[trial % 6];
        encoder.codec.level = static_cast<int>(below(random, 10));
        encoder.codec.shuffle = static_cast<Shuffle>(below(random, 3));
        const std::size_t width = std::size_t{1} << below(random, 4);
        encoder.codec.type_bytes = width;
        encoder.codec.block_bytes = below(random, 2) * (4096 << below(random, 4));
        const std::size_t bytes = width * (1 + below(random, 500'000 / width));
        const auto noise = static_cast<unsigned>(below(random, 5 * width));
        const Bytes before = some_elements(random, bytes, width, noise);
        Bytes after = some_elements(random, bytes, width, noise);
        const auto changed = some_ranges(random, bytes, width);
        Bytes given(bytes, std::byte{0xa5});  // what is not changed must not count
        std::size_t kept = 0;
        for (const ChunkBytes& range : changed) {
            std::copy_n(after.begin() + static_cast<std::ptrdiff_t>(range.first), range.bytes,
                        given.begin() + static_cast<std::ptrdiff_t>(range.first));
            std::copy_n(before.begin() + static_cast<std::ptrdiff_t>(kept), range.first - kept,
                        after.begin() + static_cast<std::ptrdiff_t>(kept));
            kept = range.first + range.bytes;
        }
        std::copy(before.begin() + static_cast<std::ptrdiff_t>(kept), before.end(),
                  after.begin() + static_cast<std::ptrdiff_t>(kept));
        const auto result = encoder.splice(encoder.encode(before), changed, given);
        if (!result) continue;
        ++spliced;
        ASSERT_EQ(*result, encoder.encode(after))
            << "trial " << trial << " " << encoder.codec.compressor << " " << encoder.codec.level;
    }
    EXPECT_GT(spliced, 40);
}

// The case it is for: a row of planes, of which one changes.
TEST(BloscSplice, SplicesAPlane) {
    Random random(3);
    for (const char* compressor : {"lz4", "zstd"}) {
        const Encoder encoder{{compressor, 5, Shuffle::byte, 4, 0}};
        const std::size_t plane = std::size_t{1} << 20;
        const Bytes before = some_elements(random, 4 * plane, 4, 12);
        Bytes after = before;
        const Bytes other = some_elements(random, plane, 4, 12);
        std::copy(other.begin(), other.end(), after.begin() + static_cast<std::ptrdiff_t>(plane));
        const ChunkBytes changed{plane, plane};
        const auto result = encoder.splice(encoder.encode(before), {&changed, 1}, after);
        ASSERT_TRUE(result.has_value()) << compressor;
        EXPECT_EQ(*result, encoder.encode(after));
    }
}

// Buffers from anywhere: an answer or Error, and never a byte beyond `out`.
TEST(BloscSplice, DamagedBuffersEndInAnErrorOrInNothing) {
    Random random(5);
    const Encoder encoder{{"zstd", 1, Shuffle::byte, 4, 4096}};
    const Bytes elements = some_elements(random, 40'000, 4, 9);
    const Bytes whole = encoder.encode(elements);
    const ChunkBytes changed{9'000, 3'000};
    for (int trial = 0; trial < 3'000; ++trial) {
        Bytes damaged = whole;
        const std::size_t flips = 1 + below(random, 3);
        for (std::size_t i = 0; i < flips; ++i)
            damaged[below(random, trial % 2 == 0 ? 64 : damaged.size())] ^=
                static_cast<std::byte>(1 + below(random, 255));
        if (trial % 5 == 0) damaged.resize(below(random, damaged.size()));
        try {
            encoder.splice(damaged, {&changed, 1}, elements);
        } catch (const Error& error) {
            EXPECT_EQ(error.code, Exit::bad_input);
        }
    }
}

}  // namespace
}  // namespace hls::zarr
