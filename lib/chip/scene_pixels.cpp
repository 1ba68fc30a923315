// SPDX-License-Identifier: Apache-2.0
#include "chip/scene_pixels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "chip/asset_raster.hpp"
#include "core/error.hpp"
#include "core/parallel.hpp"

namespace hls::chip {
namespace {

constexpr double kGridTolerance = 0.01;  // pixels
constexpr double kQuantile = 0.005;

[[noreturn]] void refuse_grid(const std::string& path, const std::string& what) {
    throw Error(Exit::bad_input, fmt::format("{}: {}", path, what));
}

// How much coarser than the tile's finest grid the raster is.
int factor_of(const AssetRaster& raster, const SceneWindow& scene) {
    const TileFrame& frame = scene.frame;
    const auto grid = raster.reader().grid();
    if (!grid || grid->epsg != frame.epsg)
        refuse_grid(raster.name(), fmt::format("projection is not EPSG:{}", frame.epsg));
    const double factor = grid->pixel_m / scene.shape.pixel_m;
    const int whole = static_cast<int>(std::lround(factor));
    const double shift = std::max(std::abs(grid->ulx_m - frame.upper_left.x_m),
                                  std::abs(grid->uly_m - frame.upper_left.y_m));
    const int tile_px = scene.shape.tile_px();
    if (whole < 1 || std::abs(factor - whole) > 1e-9 || shift > kGridTolerance * grid->pixel_m ||
        grid->cols != tile_px / whole || grid->rows != tile_px / whole)
        refuse_grid(raster.name(), "does not lie on the grid of its tile");
    return whole;
}

template <typename T>
Patch<T> read_patch(AssetRaster& raster, const SceneWindow& scene) {
    const PixelBox& box = scene.box;
    Patch<T> patch;
    patch.factor = factor_of(raster, scene);
    patch.col = box.col / patch.factor;
    patch.row = box.row / patch.factor;
    const int end_col = (box.col + box.cols + patch.factor - 1) / patch.factor;
    const int end_row = (box.row + box.rows + patch.factor - 1) / patch.factor;
    patch.pixels = raster.read<T>(patch.row, patch.col, end_row - patch.row, end_col - patch.col);
    return patch;
}

AssetRaster open_asset(const SceneWindow& scene, const std::string& key, const std::string& band,
                       const PixelSource& source) {
    const SceneItem& item = *scene.item;
    return {item.href_of(key, band), item.collection, source.access, source.tally};
}

BandPatch read_band(AssetRaster raster, const SceneWindow& scene) {
    if (raster.reader().type() != io::PixelType::i16)
        return read_patch<std::uint16_t>(raster, scene);
    const auto stored = read_patch<std::int16_t>(raster, scene);
    const auto fill = static_cast<std::int16_t>(raster.reader().layer().nodata.value_or(-9999));
    BandPatch band{stored.factor, stored.col, stored.row,
                   Plane<std::uint16_t>(stored.pixels.rows(), stored.pixels.cols())};
    const int lowest = scene.layout->kind == ImageryKind::hls ? 1 : 0;
    for (std::size_t i = 0; i < stored.pixels.size(); ++i) {
        const std::int16_t value = stored.pixels.cells()[i];
        band.pixels.cells()[i] = value == fill
                                     ? std::uint16_t{0}
                                     : static_cast<std::uint16_t>(std::max<int>(value, lowest));
    }
    return band;
}

}  // namespace

Sky sky_of(ImageryKind kind, int quality) noexcept {
    if (kind == ImageryKind::hls) {
        if (quality == 255) return Sky::nodata;
        constexpr int kCloud = 1 << 1, kShadow = 1 << 3;
        return (quality & (kCloud | kShadow)) != 0 ? Sky::cloud : Sky::clear;
    }
    switch (quality) {
        case 0:  // no data
            return Sky::nodata;
        case 1:   // saturated or defective
        case 3:   // cloud shadow
        case 8:   // cloud, medium probability
        case 9:   // cloud, high probability
        case 10:  // thin cirrus
            return Sky::cloud;
        default:
            return Sky::clear;
    }
}

std::uint8_t no_quality(ImageryKind kind) noexcept {
    return kind == ImageryKind::hls ? 255 : 0;
}

SceneQuality read_quality(const SceneWindow& scene, const PixelSource& source) {
    AssetRaster raster = open_asset(scene, scene.layout->quality, "", source);
    SceneQuality quality{read_patch<std::uint8_t>(raster, scene), 0};
    std::int64_t clear = 0;
    for (const std::uint8_t value : quality.raster.pixels.cells())
        clear += sky_of(scene.layout->kind, value) == Sky::clear ? 1 : 0;
    quality.clear_percent =
        100. * static_cast<double>(clear) / static_cast<double>(quality.raster.pixels.size());
    return quality;
}

std::vector<BandPatch> read_bands(const SceneWindow& scene, const std::vector<std::string>& bands,
                                  const PixelSource& source) {
    for (const std::string& band : bands)
        if (!scene.layout->bands.contains(band))
            throw Error(Exit::bad_input,
                        fmt::format("{} has no band {}", scene.item->collection, band),
                        "a profile with fewer bands may fit");
    std::vector<BandPatch> patches(bands.size());
    parallel_for(bands.size(), source.threads, [&](std::size_t i) {
        const std::string& key = scene.layout->bands.at(bands[i]);
        patches[i] = read_band(open_asset(scene, key, bands[i], source), scene);
    });
    return patches;
}

std::optional<double> lowest_percentile(const std::vector<const BandPatch*>& bands,
                                        const SceneQuality& quality, const PixelBox& box) {
    std::optional<double> lowest;
    for (const BandPatch* band : bands) {
        const auto& pixels = band->pixels;
        std::vector<std::uint16_t> valid;
        for (int r = 0; r < pixels.rows(); ++r)
            for (int c = 0; c < pixels.cols(); ++c) {
                const int row =
                    std::clamp((band->row + r) * band->factor, box.row, box.row + box.rows - 1);
                const int col =
                    std::clamp((band->col + c) * band->factor, box.col, box.col + box.cols - 1);
                const int scl = quality.raster.at(row, col);
                if (pixels(r, c) > 0 && scl > 1) valid.push_back(pixels(r, c));
            }
        if (valid.empty()) continue;
        const auto at =
            static_cast<std::ptrdiff_t>(kQuantile * static_cast<double>(valid.size() - 1));
        std::nth_element(valid.begin(), valid.begin() + at, valid.end());
        const double value = valid[static_cast<std::size_t>(at)];
        lowest = std::min(lowest.value_or(value), value);
    }
    return lowest;
}

}  // namespace hls::chip
