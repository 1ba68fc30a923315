// SPDX-License-Identifier: Apache-2.0
#include "tile/l30_mosaic.hpp"

#include <algorithm>

#include "tile/l30_row.hpp"
#include "tile/stored_value.hpp"

namespace hls::tile {
namespace {

Range clip(Range range, int limit) {
    return intersection(range, {0, limit});
}

L30Row row_of(L30Strip& strip, int row) {
    L30Row out;
    for (std::size_t b = 0; b < out.bands.size(); ++b) out.bands[b] = strip.bands[b].row(row);
    out.fmask = strip.fmask.row(row);
    for (std::size_t a = 0; a < out.angles.size(); ++a) out.angles[a] = strip.angles[a].row(row);
    return out;
}

void clear_row(const L30Row& row) {
    for (const auto band : row.bands) std::fill(band.begin(), band.end(), kFill);
    std::fill(row.fmask.begin(), row.fmask.end(), kMaskFill);
    for (const auto angle : row.angles) std::fill(angle.begin(), angle.end(), kAngleFill);
}

void blank_without_angles(const L30Row& row) {
    const auto sun_zenith = row.angles[0];
    for (std::size_t i = 0; i < sun_zenith.size(); ++i) {
        if (sun_zenith[i] != kAngleFill) continue;
        for (const auto band : row.bands) band[i] = kFill;
        row.fmask[i] = kMaskFill;
    }
}

}  // namespace

L30Strip::L30Strip(int rows, int cols) : fmask(rows, cols, kMaskFill) {
    for (auto& band : bands) band = Plane<std::int16_t>(rows, cols, kFill);
    for (auto& angle : angles) angle = Plane<std::uint16_t>(rows, cols, kAngleFill);
}

AngleRow L30Strip::angle_row(int row) const {
    return {angles[0].row(row), angles[1].row(row), angles[2].row(row), angles[3].row(row)};
}

L30Mosaic::L30Mosaic(const io::Grid& tile, std::span<const scene::AcScene> scenes, int threads)
    : tile_(tile), threads_(threads) {
    summary_.contributed.resize(scenes.size());
    for (std::size_t i = 0; i < scenes.size(); ++i) {
        const io::Grid grid = signed_grid(scenes[i].grid, scenes[i].folder.string());
        ScenePosition position(tile_, grid);
        const Range cols = clip(position.scene_cols(), grid.cols);
        const Range rows = clip(position.scene_rows({0, tile_.rows}), grid.rows);
        if (cols.empty() || rows.empty()) continue;
        sources_.push_back({i, grid, std::move(position), SceneWindow(scenes[i], cols), {}});
    }
}

bool L30Mosaic::overlaps() const {
    return !sources_.empty();
}

void L30Mosaic::move_windows(Range tile_rows) {
    std::vector<SceneWindow*> moved;
    for (Source& source : sources_) {
        const Range wanted = clip(source.position.scene_rows(tile_rows), source.grid.rows);
        // Rows only go down, so a scene that was left behind is not needed again.
        if (wanted.empty() && !source.rows.empty()) source.window.close();
        source.rows = wanted;
        if (wanted.empty()) continue;
        source.window.move_to(wanted);
        moved.push_back(&source.window);
    }
    constexpr auto kLayers = static_cast<std::size_t>(SceneWindow::kLayers);
    parallel_for(moved.size() * kLayers, threads_, [&](std::size_t task) {
        moved[task / kLayers]->load(static_cast<int>(task % kLayers));
    });
    for (SceneWindow* window : moved) {
        const Range marked = window->marked_rows();
        parallel_rows(marked.size(), threads_, [&](Range rows, std::size_t) {
            for (int r = rows.first; r < rows.end; ++r) window->mark(marked.first + r);
        });
        const Range packed = window->rows();
        parallel_rows(packed.size(), threads_, [&](Range rows, std::size_t) {
            for (int r = rows.first; r < rows.end; ++r) window->pack(packed.first + r);
        });
    }
}

void L30Mosaic::read_strip(int first_row, L30Strip& strip) {
    const int count = std::min(strip.fmask.rows(), tile_.rows - first_row);
    move_windows({first_row, first_row + count});
    std::vector<L30Summary> parts(static_cast<std::size_t>(task_count(count)));
    parallel_rows(count, threads_, [&](Range rows, std::size_t task) {
        L30RowFiller filler(tile_.cols);
        L30Summary& part = parts[task];
        part.contributed.resize(summary_.contributed.size());
        for (int r = rows.first; r < rows.end; ++r) {
            const L30Row row = row_of(strip, r);
            clear_row(row);
            filler.start_row();
            for (const Source& source : sources_)
                if (!source.rows.empty())
                    part.contributed[source.listed] += filler.add_scene(
                        source.position, source.window, source.grid, first_row + r, row);
            constexpr std::size_t kNearInfrared = 4;
            part.coverage += count_coverage(row.bands[kNearInfrared], row.fmask);
            part.angles += sum_angles(row.bands[0], strip.angle_row(r));
        }
    });
    for (const L30Summary& part : parts) {
        summary_.coverage += part.coverage;
        summary_.angles += part.angles;
        for (std::size_t i = 0; i < part.contributed.size(); ++i)
            summary_.contributed[i] += part.contributed[i];
    }
}

void normalize_strip(const Nbar& nbar, L30Strip& strip, int threads) {
    parallel_rows(strip.fmask.rows(), threads, [&](Range rows, std::size_t) {
        for (int r = rows.first; r < rows.end; ++r) {
            const L30Row row = row_of(strip, r);
            blank_without_angles(row);
            nbar.apply(strip.angle_row(r),
                       std::span(row.bands).first(SceneWindow::kReflectiveBands));
        }
    });
}

}  // namespace hls::tile
