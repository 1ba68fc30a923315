// SPDX-License-Identifier: Apache-2.0
#include "fmask/morphology.hpp"

#include <algorithm>
#include <cmath>

#include "fmask/row_strips.hpp"

namespace hls::fmask {
namespace {

using Words = std::vector<std::uint64_t>;

// row OR row moved by `shift` columns, towards higher columns if shift > 0.
void or_shifted(Words& row, int shift) {
    const Words from = row;
    const int count = static_cast<int>(row.size());
    const int words = std::abs(shift) / 64;
    const int bits = std::abs(shift) % 64;
    const auto word = [&](int w) {
        return w < 0 || w >= count ? 0 : from[static_cast<std::size_t>(w)];
    };
    for (int w = 0; w < count; ++w) {
        std::uint64_t moved = 0;
        if (shift > 0)
            moved = (word(w - words) << bits) | (bits ? word(w - words - 1) >> (64 - bits) : 0);
        else
            moved = (word(w + words) >> bits) | (bits ? word(w + words + 1) << (64 - bits) : 0);
        row[static_cast<std::size_t>(w)] |= moved;
    }
}

// OR over columns [c - radius, c + radius], by doubling the reach of what is gathered already.
void dilate_row(Words& row, int radius) {
    for (const int sign : {1, -1})
        for (int reach = 0; reach < radius;) {
            const int step = std::min(reach + 1, radius - reach);
            or_shifted(row, sign * step);
            reach += step;
        }
}

void clear_beyond(std::span<std::uint64_t> row, int cols) {
    if (cols % 64 != 0) row.back() &= (std::uint64_t{1} << (cols % 64)) - 1;
}

// Half the width of a disk at `dy` rows from its centre.
int half_width(int radius, int dy) {
    int width = 0;
    while ((width + 1) * (width + 1) + dy * dy <= radius * radius) ++width;
    return width;
}

// Dilation by a shape given as half widths by |dy|: element [dy] of `widths`.
BitPlane dilate_shape(const BitPlane& plane, const std::vector<int>& widths, int threads) {
    if (widths.size() == 1 && widths[0] == 0) return plane;
    BitPlane out(plane.rows(), plane.cols());
    const int radius = static_cast<int>(widths.size()) - 1;
    for_row_strips(plane.rows(), threads, [&](int first, int end) {
        Words gathered(plane.row_words());
        Words moved(plane.row_words());
        for (int r = first; r < end; ++r) {
            std::fill(gathered.begin(), gathered.end(), 0);
            int last_width = -1;
            // From the narrow ends of the shape inwards: rows of one width are moved together.
            for (int dy = radius; dy >= 0; --dy) {
                const int width = widths[static_cast<std::size_t>(dy)];
                if (last_width >= 0 && width != last_width) dilate_row(moved, last_width);
                if (width != last_width) {
                    if (last_width >= 0)
                        for (std::size_t w = 0; w < moved.size(); ++w) gathered[w] |= moved[w];
                    std::fill(moved.begin(), moved.end(), 0);
                    last_width = width;
                }
                for (const int sr : {r - dy, r + dy}) {
                    if (sr < 0 || sr >= plane.rows()) continue;
                    const auto source = plane.row(sr);
                    for (std::size_t w = 0; w < moved.size(); ++w) moved[w] |= source[w];
                }
            }
            dilate_row(moved, last_width);
            const auto target = out.row(r);
            for (std::size_t w = 0; w < moved.size(); ++w) target[w] = gathered[w] | moved[w];
            clear_beyond(target, plane.cols());
        }
    });
    return out;
}

std::vector<int> disk_widths(int radius) {
    std::vector<int> widths;
    for (int dy = 0; dy <= radius; ++dy) widths.push_back(half_width(radius, dy));
    return widths;
}

BitPlane inverted(const BitPlane& plane) {
    BitPlane out = plane;
    for (int r = 0; r < out.rows(); ++r) {
        for (auto& word : out.row(r)) word = ~word;
        clear_beyond(out.row(r), out.cols());
    }
    return out;
}

}  // namespace

BitPlane dilate_square(const BitPlane& plane, int radius, int threads) {
    return dilate_shape(plane, std::vector<int>(static_cast<std::size_t>(radius) + 1, radius),
                        threads);
}

BitPlane dilate_disk(const BitPlane& plane, int radius, int threads) {
    return dilate_shape(plane, disk_widths(radius), threads);
}

BitPlane erode_disk(const BitPlane& plane, int radius, int threads) {
    return inverted(dilate_disk(inverted(plane), radius, threads));
}

BitPlane majority_of_nine(const BitPlane& plane, int threads) {
    BitPlane out(plane.rows(), plane.cols());
    const int cols = plane.cols();
    for_row_strips(plane.rows(), threads, [&](int first, int end) {
        std::vector<std::uint8_t> sums(static_cast<std::size_t>(cols));
        std::vector<std::uint8_t> row(sums.size());
        std::vector<std::uint8_t> result(sums.size());
        for (int r = first; r < end; ++r) {
            std::fill(sums.begin(), sums.end(), std::uint8_t{0});
            for (const int sr : {std::max(r - 1, 0), r, std::min(r + 1, plane.rows() - 1)}) {
                unpack_row(plane.row(sr), row);
                for (std::size_t c = 0; c < row.size(); ++c)
                    sums[c] = static_cast<std::uint8_t>(sums[c] + row[c]);
            }
            for (int c = 0; c < cols; ++c) {
                const auto at = [&](int col) {
                    return int{sums[static_cast<std::size_t>(std::clamp(col, 0, cols - 1))]};
                };
                result[static_cast<std::size_t>(c)] = at(c - 1) + at(c) + at(c + 1) >= 5;
            }
            pack_row(result, out.row(r));
        }
    });
    return out;
}

}  // namespace hls::fmask
