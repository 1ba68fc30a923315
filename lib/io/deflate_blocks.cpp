// SPDX-License-Identifier: Apache-2.0
#include "io/deflate_blocks.hpp"

#include <cpl_conv.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "io/gdal_session.hpp"
#include "io/pixel_type.hpp"

namespace hls::io {
namespace {

// DEFLATE cannot grow data by more than a few bytes per 64 KB: a larger block is not a real one.
constexpr std::size_t kSlackBytes = 1024;

std::string_view structure_item(GDALMajorObjectH object, const char* key) {
    const char* value = GDALGetMetadataItem(object, key, "IMAGE_STRUCTURE");
    return value == nullptr ? std::string_view{} : value;
}

std::optional<std::size_t> block_item(GDALRasterBandH band, const char* what, int col, int row) {
    const char* value =
        GDALGetMetadataItem(band, fmt::format("{}_{}_{}", what, col, row).c_str(), "TIFF");
    const auto number = value == nullptr ? std::nullopt : to_int(value);
    if (!number || *number <= 0) return std::nullopt;
    return static_cast<std::size_t>(*number);
}

// Undoes horizontal differencing (TIFF 6.0 section 14) while copying.
template <typename T>
void sum_row(const std::byte* differences, std::byte* out, int cols) noexcept {
    using Wide = std::make_unsigned_t<T>;
    Wide sum = 0;
    for (int col = 0; col < cols; ++col) {
        Wide difference;
        std::memcpy(&difference, differences + col * static_cast<int>(sizeof(T)), sizeof(T));
        sum = static_cast<Wide>(sum + difference);
        std::memcpy(out + col * static_cast<int>(sizeof(T)), &sum, sizeof(T));
    }
}

}  // namespace

std::unique_ptr<DeflateBlocks> DeflateBlocks::open(const std::string& path, GDALDatasetH dataset,
                                                   GDALRasterBandH band, PixelType type) {
    const std::string_view driver = GDALGetDriverShortName(GDALGetDatasetDriver(dataset));
    const auto predictor = structure_item(dataset, "PREDICTOR");
    const bool fits = driver == "GTiff" && GDALGetRasterCount(dataset) == 1 &&
                      structure_item(dataset, "COMPRESSION") == "DEFLATE" &&
                      structure_item(band, "NBITS").empty() && type != PixelType::f32 &&
                      (predictor.empty() || predictor == "1" || predictor == "2");
    if (!fits) return nullptr;
    std::unique_ptr<DeflateBlocks> blocks(new DeflateBlocks);
    blocks->file_ = VSIFOpenL(path.c_str(), "rb");
    char order[2] = {};
    if (blocks->file_ == nullptr || VSIFReadL(order, 1, 2, blocks->file_) != 2 ||
        std::string_view(order, 2) != "II")
        return nullptr;
    blocks->path_ = path;
    blocks->band_ = band;
    blocks->type_ = type;
    blocks->predictor_ = predictor == "2";
    blocks->raster_rows_ = GDALGetRasterYSize(dataset);
    GDALGetBlockSize(band, &blocks->block_cols_, &blocks->block_rows_);
    blocks->tiled_ = blocks->block_cols_ != GDALGetRasterXSize(dataset);
    blocks->pixels_.resize(static_cast<std::size_t>(blocks->block_rows_) *
                           static_cast<std::size_t>(blocks->block_cols_) * pixel_bytes(type));
    return blocks;
}

DeflateBlocks::~DeflateBlocks() {
    if (file_ != nullptr) VSIFCloseL(file_);
}

bool DeflateBlocks::decode(int block_col, int block_row, int rows, int cols, std::byte* out,
                           std::ptrdiff_t row_bytes) {
    const auto offset = block_item(band_, "BLOCK_OFFSET", block_col, block_row);
    const auto size = block_item(band_, "BLOCK_SIZE", block_col, block_row);
    if (!offset || !size) return false;
    const auto fail = [&](std::string_view what) {
        throw Error{Exit::bad_input, fmt::format("corrupt or cut raster {}: block {}, {} {}", path_,
                                                 block_col, block_row, what)};
    };
    if (*size > pixels_.size() * 2 + kSlackBytes) fail("has an impossible size");
    packed_.resize(*size);
    if (VSIFSeekL(file_, *offset, SEEK_SET) != 0 ||
        VSIFReadL(packed_.data(), 1, packed_.size(), file_) != packed_.size())
        fail("lies beyond the end of the file");

    // The last strip may hold only the rows of the raster; tiles are always whole.
    const auto pixel = static_cast<std::ptrdiff_t>(pixel_bytes(type_));
    const std::ptrdiff_t block_row_bytes = block_cols_ * pixel;
    std::size_t inflated = 0;
    const GdalErrors errors;
    if (CPLZLibInflate(packed_.data(), packed_.size(), pixels_.data(), pixels_.size(), &inflated) ==
        nullptr)
        fail("cannot be inflated");
    const int stored_rows =
        tiled_ ? block_rows_ : std::min(block_rows_, raster_rows_ - block_row * block_rows_);
    if (inflated < static_cast<std::size_t>(stored_rows * block_row_bytes)) fail("is too short");

    for (int row = 0; row < rows; ++row) {
        const std::byte* from = pixels_.data() + row * block_row_bytes;
        std::byte* to = out + row * row_bytes;
        if (!predictor_)
            std::memcpy(to, from, static_cast<std::size_t>(cols * pixel));
        else if (pixel == 1)
            sum_row<std::uint8_t>(from, to, cols);
        else if (pixel == 2)
            sum_row<std::uint16_t>(from, to, cols);
        else
            sum_row<std::uint32_t>(from, to, cols);
    }
    return true;
}

}  // namespace hls::io
