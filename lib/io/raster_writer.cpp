// SPDX-License-Identifier: Apache-2.0
// RasterWriter: rows are cut into tiles as they come; no GDAL block cache, no reordering.
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <fmt/format.h>
#include <gdal.h>
#include <ogr_srs_api.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "core/error.hpp"
#include "io/gdal_session.hpp"
#include "io/pixel_type.hpp"
#include "io/raster.hpp"

namespace hls::io {
namespace {

constexpr int kMaxLevel = 12;

CPLStringList creation_options(const Layer& layer, int bands, const RasterOptions& options) {
    CPLStringList list;
    if (bands > 1) list.SetNameValue("INTERLEAVE", "BAND");
    list.SetNameValue("TILED", "YES");
    list.SetNameValue("BLOCKXSIZE", fmt::format("{}", options.block).c_str());
    list.SetNameValue("BLOCKYSIZE", fmt::format("{}", options.block).c_str());
    const bool zstd = options.compression == Compression::zstd;
    if (options.compression != Compression::none) {
        list.SetNameValue("COMPRESS", zstd ? "ZSTD" : "DEFLATE");
        list.SetNameValue(zstd ? "ZSTD_LEVEL" : "ZLEVEL", fmt::format("{}", options.level).c_str());
        list.SetNameValue("PREDICTOR", layer.type == PixelType::f32 ? "3" : "2");
    }
    list.SetNameValue("BIGTIFF", "IF_SAFER");
    list.SetNameValue("SPARSE_OK", options.sparse ? "TRUE" : "FALSE");
    return list;
}

// A projection of a thread. To look one up costs as much as writing a small raster.
class Projection {
 public:
    Projection() = default;
    ~Projection() { OSRDestroySpatialReference(reference_); }
    Projection(const Projection&) = delete;
    Projection& operator=(const Projection&) = delete;

    OGRSpatialReferenceH of(int epsg) {
        if (epsg == epsg_) return reference_;
        OSRDestroySpatialReference(std::exchange(reference_, OSRNewSpatialReference(nullptr)));
        epsg_ = OSRImportFromEPSG(reference_, epsg) == OGRERR_NONE ? epsg : 0;
        if (epsg_ == 0) throw Error{Exit::internal, fmt::format("EPSG:{} is not known", epsg)};
        return reference_;
    }

 private:
    OGRSpatialReferenceH reference_ = nullptr;
    int epsg_ = 0;
};

void set_projection(GDALDatasetH dataset, int epsg) {
    thread_local Projection last;
    if (epsg != 0) GDALSetSpatialRef(dataset, last.of(epsg));
}

void set_classes(GDALRasterBandH band, const std::vector<RasterClass>& classes) {
    if (classes.empty()) return;
    GDALColorTableH colors = GDALCreateColorTable(GPI_RGB);
    for (const auto& entry : classes) {
        const GDALColorEntry color{entry.rgb[0], entry.rgb[1], entry.rgb[2], 255};
        GDALSetColorEntry(colors, entry.value, &color);
    }
    GDALSetRasterColorTable(band, colors);
    GDALDestroyColorTable(colors);
    for (const auto& entry : classes)
        GDALSetMetadataItem(band, fmt::format("CLASS_{}", entry.value).c_str(), entry.name.c_str(),
                            nullptr);
}

void set_layer(GDALDatasetH dataset, GDALRasterBandH band, const Layer& layer) {
    if (layer.nodata) GDALSetRasterNoDataValue(band, *layer.nodata);
    if (layer.scale != 1 || layer.offset != 0) {
        GDALSetRasterScale(band, layer.scale);
        GDALSetRasterOffset(band, layer.offset);
    }
    if (!layer.description.empty()) GDALSetDescription(band, layer.description.c_str());
    if (!layer.unit.empty()) GDALSetRasterUnitType(band, layer.unit.c_str());
    for (const auto& [key, value] : layer.metadata)
        GDALSetMetadataItem(dataset, key.c_str(), value.c_str(), nullptr);
    set_classes(band, layer.classes);
}

void check_arguments(const std::string& path, const Grid& grid, const std::vector<Layer>& layers,
                     const RasterOptions& options) {
    const auto is_sound = [&](const Layer& layer) {
        return layer.type == layers.front().type &&
               (layer.classes.empty() || layer.type == PixelType::u8);
    };
    const bool sound = !layers.empty() && std::all_of(layers.begin(), layers.end(), is_sound) &&
                       grid.rows > 0 && grid.cols > 0 && grid.pixel_m > 0 && options.block > 0 &&
                       options.block % 16 == 0 && options.level >= 1 && options.level <= kMaxLevel;
    if (!sound)
        throw Error{Exit::internal,
                    fmt::format("{}: cannot be written as {} x {} pixels of {} m in tiles of {}",
                                path, grid.rows, grid.cols, grid.pixel_m, options.block)};
}

}  // namespace

struct RasterWriter::State {
    struct Band {
        GDALRasterBandH handle = nullptr;
        int next_row = 0;
        std::vector<std::byte> strip;  // rows of the current row of tiles that came so far
    };

    std::string path;
    GDALDatasetH dataset = nullptr;
    std::vector<Band> bands;
    PixelType type = PixelType::u8;
    int rows = 0;
    int cols = 0;
    int block = 0;
    std::vector<std::byte> tile;

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        if (dataset == nullptr) return;
        const GdalErrors quiet;
        GDALClose(dataset);
    }

    void create(const Grid& grid, const std::vector<Layer>& layers, const RasterOptions& options);
    void write_strip(const Band& band, int index, const std::byte* rows_data,
                     std::ptrdiff_t row_bytes);
    void append(Band& band, const std::byte* data, std::ptrdiff_t row_bytes, int count);
    void close();
    int strip_rows(int index) const { return std::min(block, rows - index * block); }
};

void RasterWriter::State::create(const Grid& grid, const std::vector<Layer>& layers,
                                 const RasterOptions& options) {
    const GdalErrors errors;
    GDALDriverH driver = GDALGetDriverByName("GTiff");
    const auto count = static_cast<int>(layers.size());
    const auto list = creation_options(layers.front(), count, options);
    // GDAL would open what is there to delete it properly, and stumble over a broken file.
    VSIUnlink(path.c_str());
    errno = 0;
    dataset = GDALCreate(driver, path.c_str(), grid.cols, grid.rows, count,
                         gdal_type(layers.front().type), list.List());
    if (dataset == nullptr)
        errors.raise(errno == ENOSPC ? Exit::io_error : Exit::cannot_create, "cannot create", path);
    double transform[6] = {grid.ulx_m, grid.pixel_m, 0, grid.uly_m, 0, -grid.pixel_m};
    GDALSetGeoTransform(dataset, transform);
    set_projection(dataset, grid.epsg);
    for (int i = 0; i < count; ++i) {
        bands.push_back({GDALGetRasterBand(dataset, i + 1), 0, {}});
        set_layer(dataset, bands.back().handle, layers[static_cast<std::size_t>(i)]);
    }
    if (errors.failed()) errors.raise(Exit::io_error, "cannot write", path);
    type = layers.front().type;
    rows = grid.rows;
    cols = grid.cols;
    block = options.block;
    tile.resize(static_cast<std::size_t>(block) * static_cast<std::size_t>(block) *
                pixel_bytes(type));
}

// Compresses and writes the tiles of one row of tiles. What a tile holds beyond the raster repeats
// the last column and row, so that it costs next to nothing after the predictor.
void RasterWriter::State::write_strip(const Band& band, int index, const std::byte* rows_data,
                                      std::ptrdiff_t row_bytes) {
    const auto bytes = static_cast<std::ptrdiff_t>(pixel_bytes(type));
    const std::ptrdiff_t tile_row_bytes = block * bytes;
    const int height = strip_rows(index);
    const GdalErrors errors;
    for (int col = 0, at = 0; col < cols; col += block, ++at) {
        const std::ptrdiff_t width_bytes = std::min(block, cols - col) * bytes;
        const std::byte* data = tile.data();
        // Rows that are a tile as they lie; neither GDAL nor libtiff changes what it is given.
        if (height == block && width_bytes == tile_row_bytes && row_bytes == tile_row_bytes)
            data = rows_data;
        for (int row = 0; data != rows_data && row < block; ++row) {
            std::byte* target = tile.data() + row * tile_row_bytes;
            std::memcpy(target, rows_data + std::min(row, height - 1) * row_bytes + col * bytes,
                        static_cast<std::size_t>(width_bytes));
            for (auto x = width_bytes; x < tile_row_bytes; ++x) target[x] = target[x - bytes];
        }
        if (GDALWriteBlock(band.handle, at, index, const_cast<std::byte*>(data)) != CE_None ||
            errors.failed())
            errors.raise(Exit::io_error, "cannot write", path);
    }
}

// Takes `count` rows that all belong to the current row of tiles.
void RasterWriter::State::append(Band& band, const std::byte* data, std::ptrdiff_t row_bytes,
                                 int count) {
    const int index = band.next_row / block;
    const int held = band.next_row - index * block;
    if (held == 0 && count == strip_rows(index)) {
        write_strip(band, index, data, row_bytes);
    } else {
        const auto line =
            static_cast<std::ptrdiff_t>(cols) * static_cast<std::ptrdiff_t>(pixel_bytes(type));
        band.strip.resize(static_cast<std::size_t>(line * block));
        for (int row = 0; row < count; ++row)
            std::memcpy(band.strip.data() + (held + row) * line, data + row * row_bytes,
                        static_cast<std::size_t>(line));
        if (held + count == strip_rows(index)) write_strip(band, index, band.strip.data(), line);
    }
    band.next_row += count;
}

void RasterWriter::State::close() {
    if (dataset == nullptr) return;
    for (const Band& band : bands)
        if (band.next_row != rows)
            throw Error{Exit::internal,
                        fmt::format("{}: closed after {} of {} rows", path, band.next_row, rows)};
    // GDAL 3.6 returns nothing from its close, but reports what fails in it.
    const GdalErrors errors;
    GDALFlushCache(dataset);
    GDALClose(dataset);
    dataset = nullptr;
    if (errors.failed()) errors.raise(Exit::io_error, "cannot write", path);
}

RasterWriter::RasterWriter(std::string path, const Grid& grid, const Layer& layer,
                           const RasterOptions& options)
    : RasterWriter(std::move(path), grid, std::vector{layer}, options) {}

RasterWriter::RasterWriter(std::string path, const Grid& grid, const std::vector<Layer>& layers,
                           const RasterOptions& options)
    : state_(std::make_unique<State>()) {
    check_arguments(path, grid, layers, options);
    state_->path = std::move(path);
    state_->create(grid, layers, options);
}

RasterWriter::~RasterWriter() = default;
RasterWriter::RasterWriter(RasterWriter&&) noexcept = default;
RasterWriter& RasterWriter::operator=(RasterWriter&&) noexcept = default;

template <typename T>
void RasterWriter::write_rows(int first_row, View2D<const T> rows, int band) {
    State& s = *state_;
    const bool known =
        s.dataset != nullptr && band >= 1 && band <= static_cast<int>(s.bands.size());
    const int next = known ? s.bands[static_cast<std::size_t>(band - 1)].next_row : -1;
    if (!known || first_row != next || rows.rows() > s.rows - first_row || rows.cols() != s.cols ||
        s.type != pixel_type_of<T>())
        throw Error{Exit::internal, fmt::format("{}: rows {}+{} x {} of {} do not follow row {}",
                                                s.path, first_row, rows.rows(), rows.cols(),
                                                pixel_type_name(pixel_type_of<T>()), next)};
    State::Band& target = s.bands[static_cast<std::size_t>(band - 1)];
    for (int done = 0; done < rows.rows();) {
        const int count = std::min(rows.rows() - done, s.block - target.next_row % s.block);
        s.append(target, reinterpret_cast<const std::byte*>(rows.row(done).data()),
                 rows.stride() * static_cast<std::ptrdiff_t>(sizeof(T)), count);
        done += count;
    }
}

void RasterWriter::close() {
    state_->close();
}

template void RasterWriter::write_rows(int, View2D<const std::uint8_t>, int);
template void RasterWriter::write_rows(int, View2D<const std::int16_t>, int);
template void RasterWriter::write_rows(int, View2D<const std::uint16_t>, int);
template void RasterWriter::write_rows(int, View2D<const std::int32_t>, int);
template void RasterWriter::write_rows(int, View2D<const float>, int);

}  // namespace hls::io
