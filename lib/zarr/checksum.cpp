// SPDX-License-Identifier: Apache-2.0
// CRC-32C with the processor's instruction where it has one, by eight tables elsewhere; and zlib's
// checksums.
#include <zlib.h>

#include <array>
#include <cstring>

#include "zarr/codec.hpp"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace hls::zarr {
namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78;  // reflected

using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

// tables[k][b]: the remainder of byte b followed by k zero bytes.
constexpr Tables make_tables() {
    Tables tables{};
    for (std::uint32_t b = 0; b < 256; ++b) {
        std::uint32_t remainder = b;
        for (int bit = 0; bit < 8; ++bit)
            remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? kPolynomial : 0);
        tables[0][b] = remainder;
    }
    for (std::size_t k = 1; k < 8; ++k)
        for (std::size_t b = 0; b < 256; ++b)
            tables[k][b] = (tables[k - 1][b] >> 8) ^ tables[0][tables[k - 1][b] & 0xFF];
    return tables;
}

constexpr Tables kTables = make_tables();

std::uint32_t by_tables(std::uint32_t crc, const std::byte* data, std::size_t bytes) noexcept {
    for (; bytes >= 8; data += 8, bytes -= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, data, 8);
        word ^= crc;
        crc = 0;
        for (std::size_t k = 0; k < 8; ++k) crc ^= kTables[7 - k][(word >> (8 * k)) & 0xFF];
    }
    for (; bytes > 0; ++data, --bytes)
        crc = (crc >> 8) ^ kTables[0][(crc ^ std::to_integer<std::uint32_t>(*data)) & 0xFF];
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t by_instruction(std::uint32_t crc,
                                                               const std::byte* data,
                                                               std::size_t bytes) noexcept {
    std::uint64_t wide = crc;
    for (; bytes >= 8; data += 8, bytes -= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, data, 8);
        wide = _mm_crc32_u64(wide, word);
    }
    crc = static_cast<std::uint32_t>(wide);
    for (; bytes > 0; ++data, --bytes)
        crc = _mm_crc32_u8(crc, std::to_integer<unsigned char>(*data));
    return crc;
}
#endif

}  // namespace

std::uint32_t crc32c(ByteView data) noexcept {
    std::uint32_t crc = 0xFFFFFFFF;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2"))
        crc = by_instruction(crc, data.data(), data.size());
    else
#endif
        crc = by_tables(crc, data.data(), data.size());
    return ~crc;
}

std::uint32_t checksum(ChecksumCodec::Kind kind, ByteView data) noexcept {
    const auto* bytes = reinterpret_cast<const Bytef*>(data.data());
    if (kind == ChecksumCodec::Kind::crc32c) return crc32c(data);
    if (kind == ChecksumCodec::Kind::crc32)
        return static_cast<std::uint32_t>(crc32_z(0, bytes, data.size()));
    return static_cast<std::uint32_t>(adler32_z(1, bytes, data.size()));
}

}  // namespace hls::zarr
