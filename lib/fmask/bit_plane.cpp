// SPDX-License-Identifier: Apache-2.0
#include "fmask/bit_plane.hpp"

#include <algorithm>

namespace hls::fmask {

BitPlane::BitPlane(int rows, int cols)
    : row_words_((static_cast<std::size_t>(cols) + 63) / 64), rows_(rows), cols_(cols) {
    words_.resize(row_words_ * static_cast<std::size_t>(rows));
}

void BitPlane::set(int r, int c, bool value) {
    const std::uint64_t bit = std::uint64_t{1} << (c % 64);
    std::uint64_t& word = words_[at(r) + static_cast<std::size_t>(c / 64)];
    word = value ? word | bit : word & ~bit;
}

std::int64_t BitPlane::count() const {
    std::int64_t sum = 0;
    for (const std::uint64_t word : words_) sum += std::popcount(word);
    return sum;
}

BitPlane& BitPlane::operator&=(const BitPlane& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
    return *this;
}

BitPlane& BitPlane::operator|=(const BitPlane& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
}

BitPlane& BitPlane::operator-=(const BitPlane& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
    return *this;
}

std::int64_t count_both(const BitPlane& a, const BitPlane& b) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < a.words().size(); ++i)
        sum += std::popcount(a.words()[i] & b.words()[i]);
    return sum;
}

void pack_row(std::span<const std::uint8_t> bytes, std::span<std::uint64_t> words) noexcept {
    for (std::size_t w = 0; w < words.size(); ++w) {
        const std::size_t first = w * 64;
        const std::size_t count = std::min<std::size_t>(64, bytes.size() - first);
        std::uint64_t word = 0;
        for (std::size_t i = 0; i < count; ++i) word |= std::uint64_t{bytes[first + i]} << i;
        words[w] = word;
    }
}

void unpack_row(std::span<const std::uint64_t> words, std::span<std::uint8_t> bytes) noexcept {
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::uint8_t>((words[i / 64] >> (i % 64)) & 1);
}

}  // namespace hls::fmask
