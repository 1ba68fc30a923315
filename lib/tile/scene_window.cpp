// SPDX-License-Identifier: Apache-2.0
#include "tile/scene_window.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "tile/fmask_bits.hpp"
#include "tile/grid_check.hpp"
#include "tile/stored_value.hpp"

namespace hls::tile {
namespace {

constexpr std::array<std::string_view, SceneWindow::kLayers> kLayerNames{
    "SR_B1",  "SR_B2",  "SR_B3", "SR_B4", "SR_B5", "SR_B6", "SR_B7", "TOA_B9",
    "BT_B10", "BT_B11", "SZA",   "SAA",   "VZA",   "VAA",   "FMASK", "SR_QA_AEROSOL"};
constexpr int kFirstThermal = 8;
constexpr int kFirstAngle = SceneWindow::kBands;
constexpr int kClassLayer = kFirstAngle + SceneWindow::kAngles;

}  // namespace

SceneWindow::SceneWindow(const scene::AcScene& scene, Range cols)
    : scene_rows_(scene.grid.rows), cols_(widened(cols, kDilation30m, scene.grid.cols)) {
    open(scene);
    for (auto& band : bands_) band = MovingRows<std::int16_t>(cols_.size());
    for (auto& angle : angles_) angle = MovingRows<std::int16_t>(cols_.size());
    for (auto* bytes : {&classes_, &aerosol_qa_, &near_, &valid_run_, &valid_, &fmask_})
        *bytes = MovingRows<std::uint8_t>(cols_.size());
}

void SceneWindow::open(const scene::AcScene& scene) {
    readers_.reserve(kLayers);
    for (const auto name : kLayerNames) {
        if (!scene.has(name))
            throw Error{Exit::bad_input,
                        fmt::format("{}: missing layer {}", scene.folder.string(), name),
                        "the scene is incomplete: correct it again"};
        readers_.emplace_back(scene.layer_path(name));
        require_grid(readers_.back(), scene.grid);
        readers_.back().limit_columns(cols_.first, cols_.end);
    }
}

void SceneWindow::close() {
    readers_.clear();
    for (auto& band : bands_) band = {};
    for (auto& angle : angles_) angle = {};
    for (auto* bytes : {&classes_, &aerosol_qa_, &near_, &valid_run_, &valid_, &fmask_})
        *bytes = {};
}

void SceneWindow::move_to(Range rows) {
    rows_ = rows;
    loaded_ = widened(rows, kDilation30m, scene_rows_);
    near_.move_to(loaded_);
    valid_run_.move_to(loaded_);
    valid_.move_to(rows_);
    fmask_.move_to(rows_);
}

template <typename Raw, typename T, typename Convert>
void SceneWindow::read(int layer, MovingRows<T>& target, Convert convert) {
    constexpr int kChunk = 64;
    const io::RasterReader& reader = readers_[static_cast<std::size_t>(layer)];
    const Range wanted = target.move_to(loaded_);
    Plane<Raw> chunk(std::min(kChunk, wanted.size()), cols_.size());
    for (int row = wanted.first; row < wanted.end; row += kChunk) {
        const auto part = chunk.view().rows(0, std::min(kChunk, wanted.end - row));
        reader.read_rows(row, part);
        for (int r = 0; r < part.rows(); ++r) {
            const auto raw = part.row(r);
            std::transform(raw.begin(), raw.end(), target.row(row + r).begin(), convert);
        }
    }
}

void SceneWindow::load(int layer) {
    const auto as_is = [](auto value) { return value; };
    if (layer < kBands) {
        const StoredTable& table = layer < kFirstThermal ? reflectance_table() : thermal_table();
        read<std::uint16_t>(layer, bands_[static_cast<std::size_t>(layer)],
                            [&table](std::uint16_t u) { return table[u]; });
    } else if (layer < kClassLayer) {
        read<std::int16_t>(layer, angles_[static_cast<std::size_t>(layer - kFirstAngle)], as_is);
    } else if (layer == kClassLayer) {
        read<std::uint8_t>(layer, classes_, as_is);
        for (int r = loaded_.first; r < loaded_.end; ++r)
            require_classes(classes_.row(r), readers_[kClassLayer].path(), r, cols_.first);
    } else {
        read<std::uint8_t>(layer, aerosol_qa_, as_is);
    }
}

void SceneWindow::mark(int row) {
    spread_seeds(classes_.row(row), kDilation30m, near_.row(row));

    const auto run = valid_run_.row(row);
    std::fill(run.begin(), run.end(), std::uint8_t{1});
    for (auto& band : bands_) {
        const auto values = band.row(row);
        for (std::size_t i = 0; i < run.size(); ++i) run[i] &= values[i] > kFill;
    }
    const std::size_t count = run.size() > 3 ? run.size() - 3 : 0;
    for (std::size_t i = 0; i < count; ++i)
        run[i] = static_cast<std::uint8_t>(run[i] & run[i + 1] & run[i + 2] & run[i + 3]);
    std::fill(run.begin() + static_cast<std::ptrdiff_t>(count), run.end(), std::uint8_t{0});
}

void SceneWindow::pack(int row) {
    const auto valid = valid_.row(row);
    std::fill(valid.begin(), valid.end(), static_cast<std::uint8_t>(row + 3 < loaded_.end));
    for (int r = row; r < std::min(row + 4, loaded_.end); ++r) {
        const auto run = valid_run_.row(r);
        for (std::size_t i = 0; i < valid.size(); ++i) valid[i] &= run[i];
    }

    // The mask's own row holds the joined seeds until it is packed.
    const auto mask = fmask_.row(row);
    std::fill(mask.begin(), mask.end(), std::uint8_t{0});
    const Range reach = widened({row, row + 1}, kDilation30m, scene_rows_);
    for (int r = reach.first; r < reach.end; ++r) join_rows(near_.row(r), mask);
    pack_fmask(classes_.row(row), mask, aerosol_qa_.row(row), mask);
}

}  // namespace hls::tile
