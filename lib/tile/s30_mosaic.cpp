// SPDX-License-Identifier: Apache-2.0
#include "tile/s30_mosaic.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "core/parallel.hpp"
#include "tile/stored_value.hpp"

namespace hls::tile {
namespace {

constexpr double kTilePixelM = 30;

// Detector ids of a granule in a strip of the whole tile.
Plane<std::uint8_t> detectors_in_strip(const Plane<std::uint8_t>& detectors, const CellRect& cells,
                                       Range strip_cells, int cell_cols) {
    Plane<std::uint8_t> out(strip_cells.size() * kAnglesPerCell, cell_cols * kAnglesPerCell);
    const Range rows = intersection(cells.rows, strip_cells);
    for (int r = rows.first * kAnglesPerCell; r < rows.end * kAnglesPerCell; ++r)
        std::ranges::copy(detectors.row(r - cells.rows.first * kAnglesPerCell),
                          out.row(r - strip_cells.first * kAnglesPerCell).begin() +
                              cells.cols.first * kAnglesPerCell);
    return out;
}

}  // namespace

S30Mosaic::S30Mosaic(const io::Grid& tile, std::span<const scene::Sentinel2AcScene> scenes,
                     int threads, StageHook stages)
    : cell_cols_(static_cast<int>(tile.cols * tile.pixel_m / kCellM)),
      threads_(threads),
      stages_(std::move(stages)) {
    for (const auto& scene : scenes) granules_.emplace_back(scene, tile);
    summary_.granules.resize(granules_.size());
}

void S30Mosaic::prepare(int cell_rows) {
    if (joined_ && joined_->cell_rows() == cell_rows) {
        joined_->clear();
        return;
    }
    joined_.reset();
    next_.reset();
    joined_.emplace(cell_rows, cell_cols_);
    if (granules_.size() > 1) next_.emplace(cell_rows, cell_cols_);
    valid_ = Plane<std::uint8_t>(cell_rows, cell_cols_);
}

void S30Mosaic::load(std::size_t granule, Range strip_cells, NativeStrip& native) {
    const Range rows = intersection(granules_[granule].cells().rows, strip_cells);
    if (!rows.empty())
        parallel_for(GranuleWindow::kTasks, threads_, [&](std::size_t task) {
            granules_[granule].load(task, rows, strip_cells.first, native);
        });
}

void S30Mosaic::trim(std::size_t granule, Range rows, NativeStrip& native, int strip_first) {
    const Range cols = granules_[granule].cells().cols;
    std::ranges::fill(valid_.cells(), std::uint8_t{0});
    std::vector<GranuleCoverage> parts(static_cast<std::size_t>(task_count(rows.size())));
    parallel_rows(rows.size(), threads_, [&](Range part, std::size_t task) {
        for (int r = rows.first + part.first; r < rows.first + part.end; ++r) {
            const int at = r - strip_first;
            parts[task].combined += count_cells(native, at, cols);
            trim_cells(native, at, cols, valid_.row(at));
            parts[task].trimmed += count_cells(native, at, cols);
        }
    });
    for (const auto& part : parts) {
        summary_.granules[granule].combined += part.combined;
        summary_.granules[granule].trimmed += part.trimmed;
    }
}

void S30Mosaic::fold(std::size_t granule, Range rows) {
    const Range cols = granules_[granule].cells().cols;
    parallel_rows(rows.size(), threads_, [&](Range part, std::size_t) {
        for (int r = rows.first + part.first; r < rows.first + part.end; ++r)
            fold_cells(*next_, r, cols, *joined_);
    });
}

void S30Mosaic::resample(int cell_rows, S30Strip& strip) {
    struct Part {
        CoverageCounts coverage;
        AngleSums angles;
    };
    std::vector<Part> parts(static_cast<std::size_t>(task_count(cell_rows)));
    parallel_rows(cell_rows, threads_, [&](Range part, std::size_t task) {
        for (int r = part.first; r < part.end; ++r) {
            parts[task].coverage += count_cells(*joined_, r, {0, cell_cols_});
            resample_cells(*joined_, r, strip);
            for (int row = r * kAnglesPerCell; row < (r + 1) * kAnglesPerCell; ++row)
                parts[task].angles += sum_angles(strip.bands[0].row(row), strip.angle_row(row),
                                                 AnglePrecision::s30_float);
        }
    });
    for (const Part& part : parts) {
        summary_.coverage += part.coverage;
        summary_.angles += part.angles;
    }
}

void S30Mosaic::read_strip(int first_row, S30Strip& strip) {
    const int cell_rows = strip.fmask.rows() / kAnglesPerCell;
    const int strip_first = first_row / kAnglesPerCell;
    const Range strip_cells{strip_first, strip_first + cell_rows};
    const bool reached = std::ranges::any_of(granules_, [&](const GranuleWindow& granule) {
        return !intersection(granule.cells().rows, strip_cells).empty();
    });
    if (!reached && !stages_) return strip.clear_rows({0, strip.fmask.rows()});
    prepare(cell_rows);
    for (std::size_t g = 0; g < granules_.size(); ++g) {
        NativeStrip& native = g == 0 ? *joined_ : *next_;
        if (g > 0) native.clear();
        load(g, strip_cells, native);
        if (stages_) show_granule(g, native, strip_first);
        const Range rows = intersection(granules_[g].cells().rows, strip_cells);
        trim(g, rows, native, strip_first);
        if (stages_)
            stages_(mask_stage(granule_letter(g) + "_3trim_valid_60m", kCellM), 0, strip_first,
                    std::as_const(valid_).view());
        if (g > 0) fold(g, {rows.first - strip_first, rows.end - strip_first});
    }
    if (stages_ && granules_.size() > 1)
        show_native({"4consolidate", "4consolidate_mask_10m", "4consolidate_angles_30m"}, *joined_,
                    strip_first);
    resample(cell_rows, strip);
}

void S30Mosaic::show_native(const NativeNames& names, const NativeStrip& native,
                            int strip_first) const {
    const auto stages = combined_stages(names.bands);
    std::array<std::size_t, 3> next{};
    for (std::size_t b = 0; b < native.bands.size(); ++b) {
        const int pixels = pixels_per_cell(b);
        const std::size_t stage = pixels == 6 ? 0 : pixels == 3 ? 1 : 2;
        stages_(stages[stage], next[stage]++, strip_first * pixels, native.bands[b].view());
    }
    stages_(mask_stage(names.mask, scene::kSentinel2PixelM), 0, strip_first * kCell,
            native.fmask.view());
    for (std::size_t a = 0; a < native.angles.size(); ++a)
        stages_(angle_stage(names.angles), a, strip_first * kAnglesPerCell,
                native.angles[a].view());
}

void S30Mosaic::show_granule(std::size_t granule, const NativeStrip& native,
                             int strip_first) const {
    const std::string letter = granule_letter(granule);
    show_native({letter + "_1combine", letter + "_2mask_10m", letter + "_angles_30m"}, native,
                strip_first);
    const auto* detectors = granules_[granule].detectors();
    if (detectors == nullptr) return;
    const auto rows =
        detectors_in_strip(*detectors, granules_[granule].cells(),
                           {strip_first, strip_first + native.cell_rows()}, cell_cols_);
    stages_(mask_stage(letter + "_detector_30m", kTilePixelM), 0, strip_first * kAnglesPerCell,
            rows.view());
}

}  // namespace hls::tile
