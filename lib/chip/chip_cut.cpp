// SPDX-License-Identifier: Apache-2.0
#include "chip/chip_cut.hpp"

#include <algorithm>
#include <array>

namespace hls::chip {
namespace {

using SkyTable = std::array<Sky, 256>;

SkyTable sky_table(ImageryKind kind) {
    SkyTable table;
    for (int value = 0; value < 256; ++value)
        table[static_cast<std::size_t>(value)] = sky_of(kind, value);
    return table;
}

// Calls body(coarse row, coarse column, fine row, rows, fine column, columns) for every pixel of
// the patch under the frame, fine rows and columns counted from the frame's corner.
template <typename Patch, typename Body>
void for_each_pixel(const Patch& patch, const CutFrame& frame, Body body) {
    const int factor = patch.factor;
    const auto span = [&](int coarse, int first) {
        const int from = std::max(coarse * factor - first, 0);
        const int end = std::min((coarse + 1) * factor - first, frame.size);
        return std::pair(from, end - from);
    };
    const int last_row = (frame.row + frame.size - 1) / factor;
    const int last_col = (frame.col + frame.size - 1) / factor;
    for (int r = frame.row / factor; r <= last_row; ++r) {
        const auto [fine_row, rows] = span(r, frame.row);
        for (int c = frame.col / factor; c <= last_col; ++c) {
            const auto [fine_col, cols] = span(c, frame.col);
            body(r - patch.row, c - patch.col, fine_row, rows, fine_col, cols);
        }
    }
}

// One row of the patch, widened to the pixels of the frame.
template <typename T>
void widen_row(const Patch<T>& patch, int coarse_row, const CutFrame& frame, T* out) {
    const int factor = patch.factor;
    const T* row = patch.pixels.row(coarse_row).data() + (frame.col / factor - patch.col);
    if (factor == 1) {
        std::copy_n(row, frame.size, out);
    } else if (factor == 2 && frame.col % 2 == 0 && frame.size % 2 == 0) {
        for (int c = 0; c < frame.size / 2; ++c) out[2 * c] = out[2 * c + 1] = row[c];
    } else {
        for (int c = 0, left = factor - frame.col % factor; c < frame.size; ++row, left = factor) {
            const int count = std::min(left, frame.size - c);
            std::fill_n(out + c, count, *row);
            c += count;
        }
    }
}

// Returns how many numbers the floor of 1 has raised.
int add_offset(std::uint16_t* row, int count, int offset) {
    int raised = 0;
    for (int c = 0; c < count; ++c) {
        const int stored = row[c], value = stored + offset;
        raised += stored != 0 && value < 1 ? 1 : 0;
        row[c] = static_cast<std::uint16_t>(stored == 0 ? 0 : std::clamp(value, 1, 65535));
    }
    return raised;
}

// The same for `taken` = -offset >= 0, in numbers of 16 bits alone, eight and more at a time.
int take_offset(std::uint16_t* row, int count, std::uint16_t taken) {
    std::uint16_t raised = 0;  // of a row: a chip is at most 4096 pixels wide
    for (int c = 0; c < count; ++c) {
        const std::uint16_t stored = row[c];
        const auto seen = static_cast<std::uint16_t>(stored != 0 ? 1 : 0);
        const auto low = static_cast<std::uint16_t>(stored <= taken ? 1 : 0);
        const auto left = static_cast<std::uint16_t>(low != 0 ? 0 : stored - taken);
        const auto lifted = static_cast<std::uint16_t>(seen & low);
        row[c] = static_cast<std::uint16_t>(left | lifted);
        raised = static_cast<std::uint16_t>(raised + lifted);
    }
    return raised;
}

void keep_seen(const std::uint16_t* row, int count, std::uint8_t* usable) {
    for (int c = 0; c < count; ++c)
        usable[c] = static_cast<std::uint8_t>(usable[c] & (row[c] != 0 ? 1 : 0));
}

}  // namespace

SkyCount count_sky(const SceneQuality& quality, ImageryKind kind, const CutFrame& frame) {
    const SkyTable table = sky_table(kind);
    SkyCount count;
    for_each_pixel(quality.raster, frame, [&](int r, int c, int, int rows, int, int cols) {
        const Sky sky = table[quality.raster.pixels(r, c)];
        if (sky == Sky::clear) count.clear += rows * cols;
        if (sky == Sky::nodata) count.nodata += rows * cols;
    });
    return count;
}

std::int64_t cut_band(const BandPatch& band, const CutFrame& frame, int offset,
                      View2D<std::uint16_t> out, View2D<std::uint8_t> usable) {
    std::int64_t raised = 0, raised_in_row = 0;
    int widened = -1;  // coarse row that `out` shows already, one row above
    for (int r = 0; r < frame.size; ++r) {
        std::uint16_t* row = out.row(r).data();
        const int coarse = (frame.row + r) / band.factor - band.row;
        if (coarse == widened) {
            std::copy_n(out.row(r - 1).data(), frame.size, row);
        } else {
            widen_row(band, coarse, frame, row);
            raised_in_row = offset <= 0 && offset >= -65535
                                ? take_offset(row, frame.size, static_cast<std::uint16_t>(-offset))
                                : add_offset(row, frame.size, offset);
            widened = coarse;
        }
        raised += raised_in_row;
        keep_seen(row, frame.size, usable.row(r).data());
    }
    return raised;
}

std::int64_t keep_clear(const SceneQuality& quality, ImageryKind kind, const CutFrame& frame,
                        View2D<std::uint8_t> usable) {
    const SkyTable table = sky_table(kind);
    std::int64_t left = 0;
    for_each_pixel(quality.raster, frame, [&](int r, int c, int row, int rows, int col, int cols) {
        const bool clear = table[quality.raster.pixels(r, c)] == Sky::clear;
        for (int y = row; y < row + rows; ++y)
            for (int x = col; x < col + cols; ++x)
                left += usable(y, x) = static_cast<std::uint8_t>(clear ? usable(y, x) : 0);
    });
    return left;
}

}  // namespace hls::chip
