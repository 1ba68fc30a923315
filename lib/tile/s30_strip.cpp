// SPDX-License-Identifier: Apache-2.0
#include "tile/s30_strip.hpp"

#include <algorithm>

#include "tile/stored_value.hpp"
#include "tile/to_30m.hpp"

namespace hls::tile {
namespace {

constexpr std::size_t kAllInt16 = 65536;

std::array<const std::int16_t*, 3> three_rows(const Plane<std::int16_t>& plane, int first) {
    return {plane.row(first).data(), plane.row(first + 1).data(), plane.row(first + 2).data()};
}

void resample_band(const Plane<std::int16_t>& from, int pixels, int row,
                   std::span<std::int16_t> out) {
    if (pixels == 6) return mean_of_10m(three_rows(from, 3 * row), out);
    if (pixels == 1) return repeat_60m(from.row(row / 2).data(), out);
    const RowPair20m pair = rows_of_20m(row);
    mean_of_20m(from.row(pair.whole).data(), from.row(pair.half).data(), out);
}

std::vector<std::int16_t> bandpass_table(const granule::BandpassRow& line) {
    constexpr double kCounts = 10000;
    std::vector<std::int16_t> table(kAllInt16);
    for (std::size_t bits = 0; bits < table.size(); ++bits) {
        const auto value = static_cast<std::int16_t>(bits);
        table[bits] =
            value == kFill ? kFill : round_half_up(value * line.slope + line.offset * kCounts);
    }
    return table;
}

}  // namespace

S30Strip::S30Strip(int rows, int cols) : fmask(rows, cols, kMaskFill) {
    for (auto& band : bands) band = Plane<std::int16_t>(rows, cols, kFill);
    for (auto& angle : angles) angle = Plane<std::uint16_t>(rows, cols, kAngleFill);
}

AngleRow S30Strip::angle_row(int row) const {
    return {angles[0].row(row), angles[1].row(row), angles[2].row(row), angles[3].row(row)};
}

void S30Strip::clear_rows(Range rows) {
    for (int r = rows.first; r < rows.end; ++r) {
        for (auto& band : bands) std::ranges::fill(band.row(r), kFill);
        std::ranges::fill(fmask.row(r), kMaskFill);
        for (auto& angle : angles) std::ranges::fill(angle.row(r), kAngleFill);
    }
}

void resample_cells(const NativeStrip& native, int cell_row, S30Strip& strip) {
    for (int row = cell_row * kAnglesPerCell; row < (cell_row + 1) * kAnglesPerCell; ++row) {
        for (std::size_t b = 0; b < strip.bands.size(); ++b)
            resample_band(native.bands[b], pixels_per_cell(b), row, strip.bands[b].row(row));
        const auto& mask = native.fmask;
        merge_mask_10m(
            {mask.row(3 * row).data(), mask.row(3 * row + 1).data(), mask.row(3 * row + 2).data()},
            strip.fmask.row(row));
        for (std::size_t a = 0; a < strip.angles.size(); ++a)
            std::ranges::copy(native.angles[a].row(row), strip.angles[a].row(row).begin());
    }
}

void normalize_row(const Nbar& nbar, S30Strip& strip, int row) {
    std::array<std::span<std::int16_t>, kS30NbarBands.size()> rows;
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = strip.bands[kS30NbarBands[i]].row(row);
    nbar.apply(strip.angle_row(row), rows);
}

Bandpass::Bandpass(const granule::Sentinel2Satellite& satellite) {
    for (std::size_t i = 0; i < tables_.size(); ++i)
        tables_[i] = bandpass_table(satellite.bandpass[i]);
}

void Bandpass::apply(S30Strip& strip, int row) const noexcept {
    for (std::size_t i = 0; i < tables_.size(); ++i)
        for (std::int16_t& value : strip.bands[kS30BandpassBands[i]].row(row))
            value = tables_[i][static_cast<std::uint16_t>(value)];
}

}  // namespace hls::tile
