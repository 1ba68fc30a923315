// SPDX-License-Identifier: Apache-2.0
#include "lasrc/landsat_windows.hpp"

#include <algorithm>
#include <optional>

namespace hls::lasrc {
namespace {

struct Pixel {
    int row, col;  // in the strip
};

std::optional<Pixel> first_valid(const View2D<const std::uint8_t>& fill, Pixel corner) noexcept {
    const int last_row = std::min(corner.row + 2, fill.rows() - 1);
    const int last_col = std::min(corner.col + 2, fill.cols() - 1);
    for (int r = corner.row; r <= last_row; ++r)
        for (int c = corner.col; c <= last_col; ++c)
            if (!fill(r, c)) return Pixel{r, c};
    return std::nullopt;
}

}  // namespace

void WindowLoop::retrieve_row(const RetrievalStrip& strip, int window_row,
                              AerosolField& field) const noexcept {
    const int center_row = window_center(window_row, field.rows) - strip.first_row;
    for (int window_col = 0; window_col < field.flags.cols(); ++window_col) {
        const Pixel center{center_row, window_center(window_col, field.cols)};
        const bool center_is_fill = strip.fill(center.row, center.col) != 0;
        const std::optional<Pixel> sample =
            center_is_fill
                ? first_valid(strip.fill, {3 * window_row - strip.first_row, 3 * window_col})
                : center;
        field.center_is_fill(window_row, window_col) = center_is_fill;
        if (!sample) continue;

        const float cos_sun = strip.sun.at(sample->row, sample->col);
        const auto toa = [&](std::size_t band) {
            return toa_reflectance(calibrations[band], strip.dn[band](sample->row, sample->col),
                                   cos_sun);
        };
        const RetrievalPixel pixel{toa(0), toa(1), toa(2), toa(3), toa(4)};
        const ExpectedRatios ratios = expected_ratios(ancillary, places.at(window_row, window_col),
                                                      retrieval.water_index_of(pixel));
        const WindowAerosol found = retrieval.retrieve(pixel, ratios);
        field.aot550(window_row, window_col) = found.aot550;
        field.eps(window_row, window_col) = found.eps;
        // On land the reference adds its flag to what is there, else it overwrites: a window whose
        // centre is fill stays fill for the filling of failed windows only if it is land.
        const bool land = found.flags == kFlagValid;
        field.flags(window_row, window_col) =
            static_cast<std::uint8_t>(found.flags | (land && center_is_fill ? kFlagFill : 0));
    }
}

}  // namespace hls::lasrc
