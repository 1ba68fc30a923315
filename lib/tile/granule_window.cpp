// SPDX-License-Identifier: Apache-2.0
#include "tile/granule_window.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"
#include "scene/block_mean.hpp"
#include "scene/sentinel2_l1.hpp"
#include "tile/fmask_bits.hpp"
#include "tile/grid_check.hpp"
#include "tile/scene_position.hpp"
#include "tile/stored_value.hpp"

namespace hls::tile {
namespace {

constexpr std::size_t kBands = scene::kSentinel2BandCount;
constexpr std::size_t kClasses = kBands;  // positions of the readers
constexpr std::size_t kAerosolQa = kBands + 1;
constexpr std::size_t kFirstAngle = kBands + 2;
constexpr std::size_t kMaskTask = kBands;
constexpr std::array<std::string_view, 4> kAngleLayers{"SZA", "SAA", "VZA", "VAA"};
constexpr int kMaskPerCell = 3;  // pixels of FMASK along a cell
constexpr int kCellsPerChunk = 16;

Range cell_range(double offset_m, int pixels, int limit, const std::string& what) {
    const double first = offset_m / kCellM;
    const Range cells{static_cast<int>(std::lround(first)),
                      static_cast<int>(std::lround(first)) + pixels / kCell};
    if (std::abs(first - std::round(first)) > 1e-6 || pixels % kCell != 0)
        throw Error{Exit::bad_input, fmt::format("{} does not fill 60 m cells of its tile", what)};
    if (cells.first < 0 || cells.end > limit)
        throw Error{Exit::bad_input, fmt::format("{} reaches beyond its tile", what)};
    return cells;
}

// The two rows of 10 m under one of the mask.
void add_aerosol(std::span<const std::uint8_t> packed, std::span<const std::uint8_t> aerosol_qa,
                 std::span<std::uint8_t> out) {
    for (std::size_t c = 0; c < out.size(); ++c) {
        const std::uint8_t bits = packed[c / 2];
        out[c] = bits == kMaskFill
                     ? kMaskFill
                     : static_cast<std::uint8_t>(bits | (aerosol_qa[c] & fmask::kAerosolBits));
    }
}

std::string missing_layer_hint(std::string_view layer) {
    if (layer == "FMASK") return "correct the granule with hls-lasrc --mask FILE";
    if (std::ranges::find(kAngleLayers, layer) != kAngleLayers.end())
        return "correct the granule without --angles none";
    return "the scene is incomplete: correct it again";
}

}  // namespace

CellRect cells_of(const scene::Sentinel2AcScene& scene, const io::Grid& tile) {
    const io::Grid grid = signed_grid(scene.grid, scene.product_id);
    if (grid.epsg != tile.epsg)
        throw Error{Exit::bad_input, fmt::format("{}: EPSG:{} is not the projection of tile {}",
                                                 scene.product_id, scene.grid.epsg, scene.tile)};
    const int limit = static_cast<int>(tile.rows * tile.pixel_m / kCellM);
    return {cell_range(tile.uly_m - grid.uly_m, grid.rows, limit, scene.product_id),
            cell_range(grid.ulx_m - tile.ulx_m, grid.cols, limit, scene.product_id)};
}

GranuleWindow::GranuleWindow(const scene::Sentinel2AcScene& scene, const io::Grid& tile)
    : cells_(cells_of(scene, tile)),
      mask_rows_(cells_.rows.size() * kMaskPerCell),
      combine_(scene.reference_layout),
      classes_(cells_.cols.size() * kMaskPerCell),
      near_(cells_.cols.size() * kMaskPerCell) {
    open(scene);
    if (!scene.reference_layout) return;
    const auto l1 = scene::open_sentinel2_l1(scene.folder.string(), {{}, true});
    angles_.emplace(l1.tile);
    detectors_ = scene::read_detectors(l1, scene::kSentinel2AngleBand,
                                       static_cast<int>(scene::kSentinel2AnglePixelM));
}

void GranuleWindow::open(const scene::Sentinel2AcScene& scene) {
    for (const auto& band : scene::sentinel2_bands())
        open_layer(scene, band.layer, combine_ ? scene::kSentinel2PixelM : band.pixel_m());
    open_layer(scene, "FMASK", scene::kSentinel2MaskPixelM);
    open_layer(scene, "SR_QA_AEROSOL", scene::kSentinel2PixelM);
    if (!scene.reference_layout)
        for (const auto name : kAngleLayers) open_layer(scene, name, scene::kSentinel2AnglePixelM);
}

void GranuleWindow::open_layer(const scene::Sentinel2AcScene& scene, std::string_view layer,
                               double pixel_m) {
    if (!scene.has(layer))
        throw Error{Exit::bad_input,
                    fmt::format("{}: missing layer {}", scene.folder.string(), layer),
                    missing_layer_hint(layer)};
    readers_.emplace_back(scene.layer_path(layer));
    require_grid(readers_.back(), scene::with_pixel_size(scene.grid, pixel_m));
}

template <typename T>
View2D<T> GranuleWindow::target(Plane<T>& plane, int per_cell, Range rows, int strip_first) const {
    return {&plane((rows.first - strip_first) * per_cell, cells_.cols.first * per_cell),
            rows.size() * per_cell, cells_.cols.size() * per_cell, plane.cols()};
}

void GranuleWindow::load(std::size_t task, Range rows, int strip_first, NativeStrip& strip) {
    if (task < kBands)
        load_band(task, rows, strip_first, strip);
    else if (task == kMaskTask)
        load_mask(rows, strip_first, strip);
    else
        load_angles(rows, strip_first, strip);
}

void GranuleWindow::load_band(std::size_t band, Range rows, int strip_first,
                              NativeStrip& strip) const {
    const int per_cell = pixels_per_cell(band);
    const auto out = target(strip.bands[band], per_cell, rows, strip_first);
    const io::RasterReader& reader = readers_[band];
    const int first = rows.first - cells_.rows.first;
    if (!combine_) return reader.read_rows(first * per_cell, out);
    Plane<std::uint16_t> chunk(std::min(kCellsPerChunk, rows.size()) * kCell, reader.cols());
    for (int cell = 0; cell < rows.size(); cell += kCellsPerChunk) {
        const int count = std::min(kCellsPerChunk, rows.size() - cell);
        const auto part = chunk.view().rows(0, count * kCell);
        reader.read_rows((first + cell) * kCell, part);
        scene::block_means(part, scene::sentinel2_bands()[band].box,
                           out.rows(cell * per_cell, count * per_cell));
    }
}

void GranuleWindow::read_classes(Range mask_rows) {
    const Range wanted = classes_.move_to(mask_rows);
    near_.move_to(mask_rows);
    const io::RasterReader& reader = readers_[kClasses];
    for (int r = wanted.first; r < wanted.end; ++r) {
        const auto row = classes_.row(r);
        reader.read_rows(r, View2D<std::uint8_t>(row.data(), 1, reader.cols()));
        require_classes(row, reader.path(), r, 0);
        spread_seeds(row, kDilation20m, near_.row(r));
    }
}

void GranuleWindow::load_mask(Range rows, int strip_first, NativeStrip& strip) {
    const Range mask_rows{(rows.first - cells_.rows.first) * kMaskPerCell,
                          (rows.end - cells_.rows.first) * kMaskPerCell};
    read_classes(widened(mask_rows, kDilation20m, mask_rows_));
    const auto out = target(strip.fmask, kCell, rows, strip_first);
    const io::RasterReader& reader = readers_[kAerosolQa];
    const auto width = static_cast<std::size_t>(readers_[kClasses].cols());
    std::vector<std::uint8_t> packed(width);
    const std::vector<std::uint8_t> no_aerosol(width);
    for (int r = mask_rows.first; r < mask_rows.end; ++r) {
        std::ranges::fill(packed, std::uint8_t{0});
        const Range reach = widened({r, r + 1}, kDilation20m, mask_rows_);
        for (int n = reach.first; n < reach.end; ++n) join_rows(near_.row(n), packed);
        pack_fmask(classes_.row(r), packed, no_aerosol, packed);
        // The aerosol flags are read into the place of the mask.
        const auto pair = out.rows(2 * (r - mask_rows.first), 2);
        reader.read_rows(2 * r, pair);
        for (int i = 0; i < 2; ++i) add_aerosol(packed, pair.row(i), pair.row(i));
    }
}

void GranuleWindow::load_angles(Range rows, int strip_first, NativeStrip& strip) const {
    const int first = (rows.first - cells_.rows.first) * kAnglesPerCell;
    std::array<View2D<std::uint16_t>, 4> out;
    for (std::size_t a = 0; a < out.size(); ++a)
        out[a] = target(strip.angles[a], kAnglesPerCell, rows, strip_first);
    if (!angles_) {
        for (std::size_t a = 0; a < out.size(); ++a)
            readers_[kFirstAngle + a].read_rows(first, out[a]);
        return;
    }
    for (int r = 0; r < out[0].rows(); ++r)
        angles_->row(first + r, detectors_->row(first + r),
                     {out[0].row(r), out[1].row(r), out[2].row(r), out[3].row(r)});
}

}  // namespace hls::tile
