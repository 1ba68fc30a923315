// SPDX-License-Identifier: Apache-2.0
// Blocks of a DEFLATE GeoTIFF, read and inflated here instead of in libtiff. Internal to io.
//
// libtiff 4.5 stops inflating when a block is full and then never compares the checksum that ends
// the compressed stream: damaged blocks come back as wrong pixels without an error. A product that
// scientists shall trust must not do that. It is also faster by one copy.
#pragma once

#include <cpl_vsi.h>
#include <gdal.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "io/raster.hpp"

namespace hls::io {

class DeflateBlocks {
 public:
    // nullptr if the file is anything but little-endian, DEFLATE, one band, whole integers, with
    // predictor 1 or 2: GDAL then reads it.
    static std::unique_ptr<DeflateBlocks> open(const std::string& path, GDALDatasetH dataset,
                                               GDALRasterBandH band, PixelType type);
    ~DeflateBlocks();
    DeflateBlocks(const DeflateBlocks&) = delete;
    DeflateBlocks& operator=(const DeflateBlocks&) = delete;

    // Decodes the upper left rows x cols pixels of a block into rows of `out` that lie `row_bytes`
    // apart. False if the block is not stored (sparse), which GDAL knows how to fill.
    // Throws Error{bad_input} for a block that is cut or damaged.
    bool decode(int block_col, int block_row, int rows, int cols, std::byte* out,
                std::ptrdiff_t row_bytes);

 private:
    DeflateBlocks() = default;

    std::string path_;
    GDALRasterBandH band_ = nullptr;
    VSILFILE* file_ = nullptr;
    PixelType type_ = PixelType::u8;
    bool predictor_ = false;
    bool tiled_ = false;
    int block_rows_ = 0;
    int block_cols_ = 0;
    int raster_rows_ = 0;
    std::vector<std::byte> packed_;
    std::vector<std::byte> pixels_;
};

}  // namespace hls::io
