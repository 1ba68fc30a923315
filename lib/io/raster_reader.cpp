// SPDX-License-Identifier: Apache-2.0
// RasterReader: blocks are decoded past GDAL's block cache, at most once each.
#include <fmt/format.h>
#include <gdal.h>
#include <ogr_srs_api.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "io/deflate_blocks.hpp"
#include "io/gdal_session.hpp"
#include "io/pixel_type.hpp"
#include "io/raster.hpp"

namespace hls::io {
namespace {

// A file may declare any block size; this much memory for one row of blocks is still reasonable.
constexpr std::size_t kMaxBandBytes = std::size_t{2} << 30;

// EPSG code of WGS 84 / UTM, also when the file spells the projection out without a code.
int epsg_of(OGRSpatialReferenceH reference) {
    if (reference == nullptr) return 0;
    const char* authority = OSRGetAuthorityName(reference, nullptr);
    const char* code = OSRGetAuthorityCode(reference, nullptr);
    if (authority != nullptr && code != nullptr && std::strcmp(authority, "EPSG") == 0)
        return static_cast<int>(to_int(code).value_or(0));
    int north = 0;
    const int zone = OSRGetUTMZone(reference, &north);
    if (zone == 0) return 0;
    const double flattening = OSRGetInvFlattening(reference, nullptr);
    const bool wgs84 = std::abs(flattening - 298.257223563) < 1e-6;
    return wgs84 ? (north != 0 ? 32600 : 32700) + zone : 0;
}

Layer read_layer(GDALDatasetH dataset, GDALRasterBandH band, PixelType type) {
    Layer layer;
    layer.type = type;
    int present = 0;
    const double nodata = GDALGetRasterNoDataValue(band, &present);
    if (present != 0) layer.nodata = nodata;
    layer.scale = GDALGetRasterScale(band, nullptr);
    layer.offset = GDALGetRasterOffset(band, nullptr);
    layer.description = GDALGetDescription(band);
    layer.unit = GDALGetRasterUnitType(band);
    char** items = GDALGetMetadata(dataset, nullptr);
    for (; items != nullptr && *items != nullptr; ++items) {
        const std::string_view item = *items;
        const auto equals = item.find('=');
        if (equals == std::string_view::npos || item.starts_with("AREA_OR_POINT=")) continue;
        layer.metadata.emplace_back(item.substr(0, equals), item.substr(equals + 1));
    }
    return layer;
}

}  // namespace

struct RasterReader::State {
    std::string path;
    GDALDatasetH dataset = nullptr;
    GDALRasterBandH band = nullptr;
    int rows = 0;
    int cols = 0;
    int bands = 0;
    int block_rows = 0;
    int block_cols = 0;
    PixelType type = PixelType::u8;
    Layer layer;

    int first_col = 0;  // columns asked for
    int end_col = 0;
    int strip_first_col = 0;  // those of the blocks that hold them
    int strip_end_col = 0;

    // One decoded row of blocks in the file's type, for requests that do not cover it whole.
    std::vector<std::byte> strip;
    int strip_index = -1;
    std::vector<std::byte> block;
    std::unique_ptr<DeflateBlocks> deflate;

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        if (dataset == nullptr) return;
        const GdalErrors quiet;
        GDALClose(dataset);
    }

    void open(int band_number);
    void limit_columns(int first, int end);
    int strip_cols() const { return strip_end_col - strip_first_col; }
    int strip_rows(int index) const { return std::min(block_rows, rows - index * block_rows); }
    void decode_strip(int index, std::byte* out, std::ptrdiff_t row_bytes);
    const std::byte* buffered_strip(int index);
};

void RasterReader::State::open(int band_number) {
    require_readable(path);
    const GdalErrors errors;
    dataset =
        GDALOpenEx(path.c_str(), GDAL_OF_RASTER | GDAL_OF_READONLY, nullptr, nullptr, nullptr);
    if (dataset == nullptr) errors.raise(Exit::bad_input, "cannot read raster", path);
    bands = GDALGetRasterCount(dataset);
    if (band_number < 1 || band_number > bands)
        throw Error{Exit::bad_input, fmt::format("{}: band {} of {}", path, band_number, bands)};
    band = GDALGetRasterBand(dataset, band_number);
    rows = GDALGetRasterYSize(dataset);
    cols = GDALGetRasterXSize(dataset);
    const auto gdal_data_type = GDALGetRasterDataType(band);
    const auto known = pixel_type_from_gdal(gdal_data_type);
    if (!known)
        throw Error{Exit::bad_input, fmt::format("{}: pixel type {} is not supported", path,
                                                 GDALGetDataTypeName(gdal_data_type))};
    type = *known;
    layer = read_layer(dataset, band, type);
    GDALGetBlockSize(band, &block_cols, &block_rows);
    const auto strip_bytes = static_cast<std::size_t>(block_rows) *
                             static_cast<std::size_t>(std::max(cols, block_cols)) *
                             pixel_bytes(type);
    if (strip_bytes > kMaxBandBytes)
        throw Error{Exit::bad_input, fmt::format("{}: blocks of {} x {} pixels are too large", path,
                                                 block_cols, block_rows)};
    if (errors.failed()) errors.raise(Exit::bad_input, "cannot read raster", path);
    deflate = DeflateBlocks::open(path, dataset, band, type);
    limit_columns(0, cols);
}

void RasterReader::State::limit_columns(int first, int end) {
    first_col = first;
    end_col = end;
    strip_first_col = first / block_cols * block_cols;
    strip_end_col = std::min(cols, (end + block_cols - 1) / block_cols * block_cols);
    strip_index = -1;
}

// Decodes the wanted blocks of one row of blocks into rows of `out`, `row_bytes` apart.
void RasterReader::State::decode_strip(int index, std::byte* out, std::ptrdiff_t row_bytes) {
    const auto bytes = static_cast<std::ptrdiff_t>(pixel_bytes(type));
    const int height = strip_rows(index);
    const std::ptrdiff_t block_row_bytes = block_cols * bytes;
    const GdalErrors errors;
    for (int col = strip_first_col; col < strip_end_col; col += block_cols) {
        const int at = col / block_cols;
        const int width = std::min(block_cols, cols - col);
        std::byte* const target = out + (col - strip_first_col) * bytes;
        if (deflate && deflate->decode(at, index, height, width, target, row_bytes)) continue;
        block.resize(static_cast<std::size_t>(block_rows * block_row_bytes));
        if (GDALReadBlock(band, at, index, block.data()) != CE_None || errors.failed())
            errors.raise(Exit::bad_input, "corrupt or cut raster", path);
        for (int row = 0; row < height; ++row)
            std::memcpy(target + row * row_bytes, block.data() + row * block_row_bytes,
                        static_cast<std::size_t>(width * bytes));
    }
}

const std::byte* RasterReader::State::buffered_strip(int index) {
    const auto row_bytes = static_cast<std::size_t>(strip_cols()) * pixel_bytes(type);
    if (strip_index != index) {
        strip_index = -1;  // stays invalid if decoding throws
        strip.resize(row_bytes * static_cast<std::size_t>(block_rows));
        decode_strip(index, strip.data(), static_cast<std::ptrdiff_t>(row_bytes));
        strip_index = index;
    }
    return strip.data();
}

RasterReader::RasterReader(std::string path, int band) : state_(std::make_unique<State>()) {
    state_->path = std::move(path);
    state_->open(band);
}

RasterReader::~RasterReader() = default;
RasterReader::RasterReader(RasterReader&&) noexcept = default;
RasterReader& RasterReader::operator=(RasterReader&&) noexcept = default;

const std::string& RasterReader::path() const {
    return state_->path;
}
int RasterReader::rows() const {
    return state_->rows;
}
int RasterReader::cols() const {
    return state_->cols;
}
int RasterReader::bands() const {
    return state_->bands;
}
PixelType RasterReader::type() const {
    return state_->type;
}
int RasterReader::block_rows() const {
    return state_->block_rows;
}
const Layer& RasterReader::layer() const {
    return state_->layer;
}

void RasterReader::limit_columns(int first, int end) {
    State& s = *state_;
    if (first < 0 || end > s.cols || first >= end)
        throw Error{Exit::internal,
                    fmt::format("{}: columns {} to {} of {}", s.path, first, end, s.cols)};
    s.limit_columns(first, end);
}

std::optional<Grid> RasterReader::grid() const {
    const GdalErrors errors;
    double t[6];
    if (GDALGetGeoTransform(state_->dataset, t) != CE_None) return std::nullopt;
    const bool square = std::abs(t[1] + t[5]) <= 1e-9 * std::abs(t[1]);
    if (t[2] != 0 || t[4] != 0 || t[1] <= 0 || !square)
        throw Error{
            Exit::bad_input,
            fmt::format("{}: not a north-up grid of square pixels ({} x {})", path(), t[1], t[5])};
    return Grid{rows(), cols(), t[0], t[3], t[1], epsg_of(GDALGetSpatialRef(state_->dataset))};
}

std::vector<FileRange> RasterReader::block_ranges(int first_row, int end_row) const {
    const State& s = *state_;
    const GdalErrors quiet;
    const auto item = [&](const char* what, int col, int row) -> std::uint64_t {
        const std::string name = fmt::format("{}_{}_{}", what, col, row);
        const char* value = GDALGetMetadataItem(s.band, name.c_str(), "TIFF");
        const auto number = value == nullptr ? std::nullopt : to_int(value);
        return number && *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
    };
    std::vector<FileRange> ranges;
    for (int row = first_row / s.block_rows; row * s.block_rows < end_row; ++row)
        for (int col = s.strip_first_col; col < s.strip_end_col; col += s.block_cols) {
            const int at = col / s.block_cols;
            const FileRange range{item("BLOCK_OFFSET", at, row), item("BLOCK_SIZE", at, row)};
            if (range.first > 0 && range.bytes > 0) ranges.push_back(range);
        }
    return ranges;
}

template <typename T>
void RasterReader::read_rows(int first_row, View2D<T> out) const {
    State& s = *state_;
    const int cols = s.end_col - s.first_col;
    if (first_row < 0 || out.rows() < 0 || out.rows() > s.rows - first_row || out.cols() != cols)
        throw Error{Exit::internal, fmt::format("{}: rows {}+{} x {} asked of {} x {}", s.path,
                                                first_row, out.rows(), out.cols(), s.rows, cols)};
    const bool whole_blocks = cols == s.strip_cols();
    const int end_row = first_row + out.rows();
    for (int row = first_row; row < end_row;) {
        const int index = row / s.block_rows;
        const int strip_first = index * s.block_rows;
        const int strip_end = strip_first + s.strip_rows(index);
        const int count = std::min(end_row, strip_end) - row;
        const auto target = out.rows(row - first_row, count);
        const bool whole = row == strip_first && count == strip_end - strip_first;
        if (whole && whole_blocks && s.type == pixel_type_of<T>() && s.strip_index != index) {
            s.decode_strip(index, reinterpret_cast<std::byte*>(target.data()),
                           target.stride() * static_cast<std::ptrdiff_t>(sizeof(T)));
        } else {
            const std::byte* strip = s.buffered_strip(index);
            with_pixel_type(s.type, [&](auto sample) {
                using Stored = decltype(sample);
                const auto* stored =
                    reinterpret_cast<const Stored*>(strip) +
                    static_cast<std::ptrdiff_t>(row - strip_first) * s.strip_cols() +
                    (s.first_col - s.strip_first_col);
                for (int r = 0; r < count; ++r, stored += s.strip_cols())
                    std::transform(stored, stored + cols, target.row(r).begin(),
                                   convert_pixel<T, Stored>);
            });
        }
        row += count;
    }
}

template <typename T>
Plane<T> RasterReader::read() const {
    Plane<T> plane(rows(), state_->end_col - state_->first_col);
    read_rows(0, plane.view());
    return plane;
}

template void RasterReader::read_rows(int, View2D<std::uint8_t>) const;
template void RasterReader::read_rows(int, View2D<std::int16_t>) const;
template void RasterReader::read_rows(int, View2D<std::uint16_t>) const;
template void RasterReader::read_rows(int, View2D<std::int32_t>) const;
template void RasterReader::read_rows(int, View2D<float>) const;
template Plane<std::uint8_t> RasterReader::read() const;
template Plane<std::int16_t> RasterReader::read() const;
template Plane<std::uint16_t> RasterReader::read() const;
template Plane<std::int32_t> RasterReader::read() const;
template Plane<float> RasterReader::read() const;

}  // namespace hls::io
