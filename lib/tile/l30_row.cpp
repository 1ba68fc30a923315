// SPDX-License-Identifier: Apache-2.0
#include "tile/l30_row.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tile/cubic_window.hpp"
#include "tile/fmask_bits.hpp"
#include "tile/stored_value.hpp"

namespace hls::tile {
namespace {

// Mask of the inner 2 x 2 pixels of the window that starts at (row, col).
std::uint8_t window_fmask(const SceneWindow& scene, int row, int col) noexcept {
    const std::uint8_t* upper = scene.fmask(row + 1, col + 1);
    const std::uint8_t* lower = scene.fmask(row + 2, col + 1);
    return merge_fmask(merge_fmask(upper[0], upper[1]), merge_fmask(lower[0], lower[1]));
}

void copy_angles(const SceneWindow& scene, int row, int col, const L30Row& out,
                 std::size_t i) noexcept {
    std::array<int, SceneWindow::kAngles> raw{};
    for (int a = 0; a < SceneWindow::kAngles; ++a)
        raw[static_cast<std::size_t>(a)] = *scene.angle(a, row, col);
    auto& [sun_zenith, sun_azimuth, view_zenith, view_azimuth] = raw;
    if ((sun_zenith | sun_azimuth | view_zenith | view_azimuth) == 0) return;
    if (sun_azimuth < 0) sun_azimuth += kFullTurn;
    if (view_azimuth < 0) view_azimuth += kFullTurn;
    for (std::size_t a = 0; a < raw.size(); ++a)
        out.angles[a][i] = static_cast<std::uint16_t>(raw[a]);
}

}  // namespace

struct L30RowFiller::Source {
    const SceneWindow& window;
    int rows;
    int cols;

    bool holds(int row, int col) const { return row >= 0 && row < rows && col >= 0 && col < cols; }
    // The 4 x 4 pixels from (row, col) on.
    bool holds_window(int row, int col) const {
        return row >= 0 && row + 3 < rows && col >= 0 && col + 3 < cols;
    }
};

L30RowFiller::L30RowFiller(int cols)
    : scene_rows_(static_cast<std::size_t>(cols)),
      scene_cols_(scene_rows_.size()),
      sums_(scene_rows_.size() + 3),
      values_(scene_rows_.size()),
      take_(scene_rows_.size()),
      filled_(scene_rows_.size()) {}

void L30RowFiller::start_row() noexcept {
    std::fill(filled_.begin(), filled_.end(), std::uint8_t{0});
}

int L30RowFiller::add_scene(const ScenePosition& position, const SceneWindow& scene,
                            const io::Grid& grid, int tile_row, const L30Row& row) noexcept {
    const Source source{scene, grid.rows, grid.cols};
    if (position.on_corners())
        return fill_on_corners(source, tile_row + position.row_shift(), position.col_shift(), row);
    position.row(tile_row, scene_rows_, scene_cols_);
    return fill_anywhere(source, row);
}

int L30RowFiller::fill_on_corners(const Source& source, int scene_row, int col_shift,
                                  const L30Row& row) noexcept {
    const auto width = static_cast<int>(filled_.size());
    const SceneWindow& scene = source.window;
    // The nearest pixel of a corner is the one to its lower right.
    if (scene_row >= 0 && scene_row < source.rows) {
        const int end = std::min(width, source.cols - col_shift);
        for (int c = std::max(0, -col_shift); c < end; ++c)
            copy_angles(scene, scene_row, c + col_shift, row, static_cast<std::size_t>(c));
    }

    const int top = scene_row - 2;
    const int first = std::max(0, 2 - col_shift);
    const int end = std::min(width, source.cols - 1 - col_shift);
    if (top < 0 || top + 3 >= source.rows || first >= end) return 0;
    const int left = first + col_shift - 2;
    const auto count = static_cast<std::size_t>(end - first);
    const auto start = static_cast<std::size_t>(first);
    const std::uint8_t* valid = scene.valid(top, left);
    const std::span take(take_.data(), count);
    for (std::size_t i = 0; i < count; ++i) take[i] = valid[i] != 0 && filled_[start + i] == 0;
    const int taken = std::accumulate(take.begin(), take.end(), 0);
    if (taken == 0) return 0;

    for (int b = 0; b < SceneWindow::kBands; ++b) {
        const std::array rows{scene.band(b, top, left), scene.band(b, top + 1, left),
                              scene.band(b, top + 2, left), scene.band(b, top + 3, left)};
        cubic_corner_row(rows, std::span(sums_).first(count + 3), std::span(values_).first(count));
        std::int16_t* out = row.bands[static_cast<std::size_t>(b)].data() + first;
        for (std::size_t i = 0; i < count; ++i) out[i] = take[i] != 0 ? values_[i] : out[i];
    }
    for (std::size_t i = 0; i < count; ++i)
        if (take[i] != 0)
            row.fmask[start + i] = window_fmask(scene, top, left + static_cast<int>(i));
    mark_filled(row);
    return taken;
}

int L30RowFiller::fill_anywhere(const Source& source, const L30Row& row) noexcept {
    const SceneWindow& scene = source.window;
    int taken = 0;
    for (std::size_t i = 0; i < filled_.size(); ++i) {
        const double r = scene_rows_[i];
        const double c = scene_cols_[i];
        const auto nearest_row = static_cast<int>(std::floor(r));
        const auto nearest_col = static_cast<int>(std::floor(c));
        if (source.holds(nearest_row, nearest_col))
            copy_angles(scene, nearest_row, nearest_col, row, i);

        const int top = first_cubic_tap(r);
        const int left = first_cubic_tap(c);
        if (filled_[i] != 0 || !source.holds_window(top, left) || *scene.valid(top, left) == 0)
            continue;
        const CubicTaps down = cubic_taps(r);
        const CubicTaps across = cubic_taps(c);
        for (int b = 0; b < SceneWindow::kBands; ++b)
            row.bands[static_cast<std::size_t>(b)][i] =
                cubic_value(scene.band(b, top, left), scene.stride(), down.weights, across.weights);
        row.fmask[i] = window_fmask(scene, top, left);
        ++taken;
    }
    if (taken > 0) mark_filled(row);
    return taken;
}

void L30RowFiller::mark_filled(const L30Row& row) noexcept {
    for (int b = 0; b < SceneWindow::kReflectiveBands; ++b) {
        const auto band = row.bands[static_cast<std::size_t>(b)];
        for (std::size_t i = 0; i < filled_.size(); ++i) filled_[i] |= band[i] > kFill;
    }
}

}  // namespace hls::tile
