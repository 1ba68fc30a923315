// SPDX-License-Identifier: Apache-2.0
#include "chip/scene_pixels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "io/raster.hpp"

namespace hls::chip {
namespace {

constexpr double kGridTolerance = 0.01;  // pixels
constexpr double kQuantile = 0.005;

std::string gdal_path(const std::string& href) {
    return href.starts_with("https://") ? "/vsicurl/" + href : href;
}

const std::string& asset_path(const SceneItem& item, const std::string& key) {
    const auto found = item.assets.find(key);
    if (found == item.assets.end())
        throw Error(Exit::bad_input, fmt::format("{} has no asset {}", item.id, key));
    return found->second.href;
}

[[noreturn]] void refuse_grid(const std::string& path, const std::string& what) {
    throw Error(Exit::bad_input, fmt::format("{}: {}", path, what));
}

// How much coarser than the tile's finest grid the raster is.
int factor_of(const io::RasterReader& reader, const TileFrame& frame, const ChipShape& shape) {
    const auto grid = reader.grid();
    if (!grid || grid->epsg != frame.epsg)
        refuse_grid(reader.path(), fmt::format("projection is not EPSG:{}", frame.epsg));
    const double factor = grid->pixel_m / shape.pixel_m;
    const int whole = static_cast<int>(std::lround(factor));
    const double shift = std::max(std::abs(grid->ulx_m - frame.upper_left.x_m),
                                  std::abs(grid->uly_m - frame.upper_left.y_m));
    if (whole < 1 || std::abs(factor - whole) > 1e-9 || shift > kGridTolerance * grid->pixel_m ||
        grid->cols != shape.tile_px() / whole || grid->rows != shape.tile_px() / whole)
        refuse_grid(reader.path(), "does not lie on the grid of its tile");
    return whole;
}

template <typename T>
Patch<T> read_patch(io::RasterReader& reader, int factor, const PixelBox& box) {
    Patch<T> patch;
    patch.factor = factor;
    patch.col = box.col / factor;
    patch.row = box.row / factor;
    const int end_col = (box.col + box.cols + factor - 1) / factor;
    const int end_row = (box.row + box.rows + factor - 1) / factor;
    patch.pixels = Plane<T>(end_row - patch.row, end_col - patch.col);
    reader.limit_columns(patch.col, end_col);
    reader.read_rows(patch.row, patch.pixels.view());
    return patch;
}

BandPatch read_band(const std::string& path, const CollectionLayout& layout, const TileFrame& frame,
                    const ChipShape& shape, const PixelBox& box) {
    io::RasterReader reader(gdal_path(path));
    const int factor = factor_of(reader, frame, shape);
    if (reader.type() != io::PixelType::i16) return read_patch<std::uint16_t>(reader, factor, box);
    const auto stored = read_patch<std::int16_t>(reader, factor, box);
    const auto fill = static_cast<std::int16_t>(reader.layer().nodata.value_or(-9999));
    BandPatch band{stored.factor, stored.col, stored.row,
                   Plane<std::uint16_t>(stored.pixels.rows(), stored.pixels.cols())};
    const bool hls = layout.kind == ImageryKind::hls;
    for (std::size_t i = 0; i < stored.pixels.size(); ++i) {
        const std::int16_t value = stored.pixels.cells()[i];
        const int lowest = hls ? 1 : 0;
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

SceneQuality read_quality(const SceneItem& item, const CollectionLayout& layout,
                          const geo::MgrsTile& tile, const ChipShape& shape, const PixelBox& box) {
    io::RasterReader reader(gdal_path(asset_path(item, layout.quality)));
    const int factor = factor_of(reader, tile_frame(tile, shape), shape);
    SceneQuality quality{read_patch<std::uint8_t>(reader, factor, box), 0};
    std::int64_t clear = 0;
    for (const std::uint8_t value : quality.raster.pixels.cells())
        clear += sky_of(layout.kind, value) == Sky::clear ? 1 : 0;
    quality.clear_percent =
        100. * static_cast<double>(clear) / static_cast<double>(quality.raster.pixels.size());
    return quality;
}

std::vector<BandPatch> read_bands(const SceneItem& item, const CollectionLayout& layout,
                                  const std::vector<std::string>& bands, const geo::MgrsTile& tile,
                                  const ChipShape& shape, const PixelBox& box, int threads) {
    const TileFrame frame = tile_frame(tile, shape);
    std::vector<BandPatch> patches(bands.size());
    parallel_for(bands.size(), threads, [&](std::size_t i) {
        const auto key = layout.bands.find(bands[i]);
        if (key == layout.bands.end())
            throw Error(Exit::bad_input,
                        fmt::format("{} has no band {}", item.collection, bands[i]),
                        "a profile with fewer bands may fit");
        patches[i] = read_band(asset_path(item, key->second), layout, frame, shape, box);
    });
    return patches;
}

std::optional<double> lowest_percentile(const SceneItem& item, const CollectionLayout& layout,
                                        const geo::MgrsTile& tile, const ChipShape& shape,
                                        const PixelBox& box) {
    const SceneQuality quality = read_quality(item, layout, tile, shape, box);
    std::optional<double> lowest;
    for (const BandPatch& band :
         read_bands(item, layout, {"blue", "red", "swir22"}, tile, shape, box, 1)) {
        std::vector<std::uint16_t> valid;
        for (int r = 0; r < band.pixels.rows(); ++r)
            for (int c = 0; c < band.pixels.cols(); ++c) {
                const int row =
                    std::clamp((band.row + r) * band.factor, box.row, box.row + box.rows - 1);
                const int col =
                    std::clamp((band.col + c) * band.factor, box.col, box.col + box.cols - 1);
                const int scl = quality.raster.at(row, col);
                if (band.pixels(r, c) > 0 && scl > 1) valid.push_back(band.pixels(r, c));
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
