// SPDX-License-Identifier: Apache-2.0
#include "tile/native_strip.hpp"

#include <algorithm>
#include <vector>

#include "tile/stored_value.hpp"

namespace hls::tile {
namespace {

constexpr std::size_t kRed = 3;           // B04
constexpr std::size_t kNearInfrared = 7;  // B08
constexpr double kNoNdvi = -9999;

// The pixels of a plane in one cell, `n` along each side.
template <typename Body>
void for_cell_rows(int cell_row, Range cols, int n, Body body) {
    for (int r = cell_row * n; r < (cell_row + 1) * n; ++r) body(r, cols.first * n, cols.end * n);
}

// missing[c] |= 1 for cells where the plane lacks a sample.
void mark_missing(const Plane<std::int16_t>& band, int n, int cell_row, Range cols,
                  std::vector<std::uint8_t>& scratch, std::span<std::uint8_t> missing) {
    const auto width = static_cast<std::size_t>(cols.size() * n);
    scratch.assign(width, 0);
    for_cell_rows(cell_row, cols, n, [&](int r, int first, int) {
        const std::int16_t* row = &band(r, first);
        for (std::size_t i = 0; i < width; ++i) scratch[i] |= row[i] == kFill;
    });
    const auto side = static_cast<std::size_t>(n);
    for (std::size_t c = 0; c < missing.size(); ++c)
        for (std::size_t i = 0; i < side; ++i) missing[c] |= scratch[c * side + i];
}

template <typename T>
void fill_cell(Plane<T>& plane, int n, int cell_row, int cell_col, T value) {
    for_cell_rows(cell_row, {cell_col, cell_col + 1}, n, [&](int r, int first, int end) {
        std::fill(&plane(r, first), &plane(r, first) + (end - first), value);
    });
}

template <typename T>
void copy_cell(const Plane<T>& from, int n, int cell_row, int cell_col, Plane<T>& to) {
    for_cell_rows(cell_row, {cell_col, cell_col + 1}, n, [&](int r, int first, int end) {
        std::copy(&from(r, first), &from(r, first) + (end - first), &to(r, first));
    });
}

double ndvi(const NativeStrip& strip, int cell_row, int cell_col) {
    int red = 0;
    int nir = 0;
    for_cell_rows(cell_row, {cell_col, cell_col + 1}, kCell, [&](int r, int first, int end) {
        for (int c = first; c < end; ++c) {
            const int r_sample = strip.bands[kRed](r, c);
            const int n_sample = strip.bands[kNearInfrared](r, c);
            if (r_sample == kFill || n_sample == kFill) continue;
            red += r_sample;
            nir += n_sample;
        }
    });
    if (red == 0 || nir == 0) return kNoNdvi;
    // Sums that cancel out give an infinity, which compares as NASA's program has it.
    return static_cast<double>(nir - red) / static_cast<double>(nir + red);
}

void copy_all_bands(const NativeStrip& from, int cell_row, int cell_col, NativeStrip& to) {
    for (std::size_t b = 0; b < to.bands.size(); ++b)
        copy_cell(from.bands[b], pixels_per_cell(b), cell_row, cell_col, to.bands[b]);
    copy_cell(from.fmask, kCell, cell_row, cell_col, to.fmask);
}

}  // namespace

NativeStrip::NativeStrip(int rows, int cols) : fmask(rows * kCell, cols * kCell, kMaskFill) {
    for (std::size_t b = 0; b < bands.size(); ++b) {
        const int n = pixels_per_cell(b);
        bands[b] = Plane<std::int16_t>(rows * n, cols * n, kFill);
    }
    for (auto& angle : angles)
        angle = Plane<std::uint16_t>(rows * kAnglesPerCell, cols * kAnglesPerCell, kAngleFill);
}

void NativeStrip::clear() {
    for (auto& band : bands) std::ranges::fill(band.cells(), kFill);
    std::ranges::fill(fmask.cells(), kMaskFill);
    for (auto& angle : angles) std::ranges::fill(angle.cells(), kAngleFill);
}

int pixels_per_cell(std::size_t band) noexcept {
    return kCell / scene::sentinel2_bands()[band].box;
}

void trim_cells(NativeStrip& strip, int cell_row, Range cols, std::span<std::uint8_t> valid) {
    std::ranges::fill(valid, std::uint8_t{0});
    const auto inside =
        valid.subspan(static_cast<std::size_t>(cols.first), static_cast<std::size_t>(cols.size()));
    std::vector<std::uint8_t> scratch;
    for (std::size_t b = 0; b < strip.bands.size(); ++b)
        mark_missing(strip.bands[b], pixels_per_cell(b), cell_row, cols, scratch, inside);
    for (int c = cols.first; c < cols.end; ++c) {
        auto& state = valid[static_cast<std::size_t>(c)];
        const bool missing = state != 0;
        state = missing ? 0 : 1;
        if (!missing) continue;
        for (std::size_t b = 0; b < strip.bands.size(); ++b)
            fill_cell(strip.bands[b], pixels_per_cell(b), cell_row, c, kFill);
        fill_cell(strip.fmask, kCell, cell_row, c, kMaskFill);
    }
}

CoverageCounts count_cells(const NativeStrip& strip, int cell_row, Range cols) {
    CoverageCounts counts;
    const auto width = static_cast<std::size_t>(cols.size() * kCell);
    for_cell_rows(cell_row, cols, kCell, [&](int r, int first, int) {
        counts += count_coverage({&strip.bands[kNearInfrared](r, first), width},
                                 {&strip.fmask(r, first), width});
    });
    return counts;
}

void fold_cells(const NativeStrip& twin, int cell_row, Range cols, NativeStrip& kept) {
    for (int c = cols.first; c < cols.end; ++c) {
        if (twin.bands[0](cell_row, c) == kFill) continue;
        if (kept.bands[0](cell_row, c) == kFill ||
            ndvi(twin, cell_row, c) > ndvi(kept, cell_row, c))
            copy_all_bands(twin, cell_row, c, kept);
    }
    for (std::size_t a = 0; a < kept.angles.size(); ++a)
        for_cell_rows(cell_row, cols, kAnglesPerCell, [&](int r, int first, int end) {
            for (int c = first; c < end; ++c)
                if (const auto value = twin.angles[a](r, c); value != kAngleFill)
                    kept.angles[a](r, c) = value;
        });
}

}  // namespace hls::tile
