// SPDX-License-Identifier: Apache-2.0
// One yes or no per pixel, 64 pixels to a word: the classes of a scene in an eighth of a byte each.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hls::fmask {

// Bit c % 64 of word c / 64 of a row is column c. Bits beyond the last column are always 0.
class BitPlane {
 public:
    BitPlane() = default;
    BitPlane(int rows, int cols);

    int rows() const { return rows_; }
    int cols() const { return cols_; }
    std::size_t row_words() const { return row_words_; }
    std::span<std::uint64_t> row(int r) { return {words_.data() + at(r), row_words_}; }
    std::span<const std::uint64_t> row(int r) const { return {words_.data() + at(r), row_words_}; }
    std::vector<std::uint64_t>& words() { return words_; }
    const std::vector<std::uint64_t>& words() const { return words_; }

    bool operator()(int r, int c) const {
        return (words_[at(r) + static_cast<std::size_t>(c / 64)] >> (c % 64)) & 1;
    }
    void set(int r, int c, bool value = true);

    std::int64_t count() const;
    bool operator==(const BitPlane&) const = default;

    BitPlane& operator&=(const BitPlane& other);
    BitPlane& operator|=(const BitPlane& other);
    // this and not other
    BitPlane& operator-=(const BitPlane& other);

 private:
    std::size_t at(int r) const { return static_cast<std::size_t>(r) * row_words_; }

    std::vector<std::uint64_t> words_;
    std::size_t row_words_ = 0;
    int rows_ = 0;
    int cols_ = 0;
};

// Pixels that are set in both.
std::int64_t count_both(const BitPlane& a, const BitPlane& b);

// Sets the bits of one row from bytes that are 0 or 1; bytes.size() columns.
void pack_row(std::span<const std::uint8_t> bytes, std::span<std::uint64_t> words) noexcept;
// The reverse; bytes are written for bytes.size() columns.
void unpack_row(std::span<const std::uint64_t> words, std::span<std::uint8_t> bytes) noexcept;

// Calls visit(column) for the set bits of a row, from left to right.
template <typename Visit>
void for_each_set(std::span<const std::uint64_t> words, Visit visit) {
    for (std::size_t w = 0; w < words.size(); ++w)
        for (std::uint64_t bits = words[w]; bits != 0; bits &= bits - 1)
            visit(static_cast<int>(w) * 64 + std::countr_zero(bits));
}

// Calls visit(first, end) for the runs of set bits of a row, from left to right.
template <typename Visit>
void for_each_run(std::span<const std::uint64_t> words, Visit visit) {
    int start = -1;
    for (std::size_t w = 0; w < words.size(); ++w) {
        const int base = static_cast<int>(w) * 64;
        if (words[w] == 0 || words[w] == ~std::uint64_t{0}) {
            const bool set = words[w] != 0;
            if (set && start < 0) start = base;
            if (!set && start >= 0) {
                visit(start, base);
                start = -1;
            }
            continue;
        }
        // Bits where the row changes from one pixel to the next.
        std::uint64_t edges = words[w] ^ ((words[w] << 1) | (start >= 0 ? 1u : 0u));
        for (; edges != 0; edges &= edges - 1) {
            const int col = base + std::countr_zero(edges);
            if (start < 0) {
                start = col;
            } else {
                visit(start, col);
                start = -1;
            }
        }
    }
    if (start >= 0) visit(start, static_cast<int>(words.size()) * 64);
}

}  // namespace hls::fmask
