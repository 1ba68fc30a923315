// SPDX-License-Identifier: Apache-2.0
// Single-band rasters on disk: reading by row bands and writing tiled, compressed GeoTIFF.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/view2d.hpp"

namespace hls::io {

enum class PixelType { u8, i16, u16, i32, f32 };

std::string_view pixel_type_name(PixelType type);  // "uint8", "int16", "uint16", "int32", "float32"
std::size_t pixel_bytes(PixelType type);

// North-up grid of square pixels. (ulx_m, uly_m) is the outer corner of pixel (0, 0), in metres of
// the projection `epsg`.
struct Grid {
    int rows = 0;
    int cols = 0;
    double ulx_m = 0;
    double uly_m = 0;
    double pixel_m = 0;
    int epsg = 0;

    bool operator==(const Grid&) const = default;
};

// One value of a class raster, for its colour table and its list of names.
struct RasterClass {
    int value = 0;
    std::string name;
    std::array<std::uint8_t, 3> rgb{};
};

// What the stored numbers mean: physical = stored * scale + offset, except for `nodata`.
struct Layer {
    PixelType type = PixelType::u16;
    std::optional<double> nodata;
    double scale = 1;
    double offset = 0;
    std::string description;
    std::string unit;
    std::vector<std::pair<std::string, std::string>> metadata;
    std::vector<RasterClass> classes;  // uint8 only
};

// Bytes of a file.
struct FileRange {
    std::uint64_t first = 0;
    std::uint64_t bytes = 0;

    bool operator==(const FileRange&) const = default;
};

// Reads one band of a file. Rows are best asked for in ascending bands: whatever the bands, no
// block is then decoded twice, and bands that start and end on multiples of block_rows() are
// decoded straight into the caller's memory. An object is used by one thread at a time.
//
// Errors: missing file 66, no permission 77, anything that is not a readable, complete raster 65.
class RasterReader {
 public:
    // `path` may be a GDAL virtual path (/vsitar/..., /vsis3/...). `band` counts from 1.
    explicit RasterReader(std::string path, int band = 1);
    ~RasterReader();
    RasterReader(RasterReader&&) noexcept;
    RasterReader& operator=(RasterReader&&) noexcept;

    const std::string& path() const;
    int rows() const;
    int cols() const;
    int bands() const;  // in the file
    PixelType type() const;
    int block_rows() const;  // height of the file's tiles or strips
    // Empty when the file carries no georeferencing. Throws bad_input if it is rotated, south-up or
    // has pixels that are not square. epsg is 0 when the projection has no code.
    std::optional<Grid> grid() const;
    const Layer& layer() const;

    // From now on only columns [first, end) are read: blocks beside them are not decoded.
    void limit_columns(int first, int end);

    // Where the blocks under these rows and limit_columns() are stored, row of blocks by row; empty
    // for what is no TIFF. Blocks that are not stored are left out.
    std::vector<FileRange> block_ranges(int first_row, int end_row) const;

    // Rows [first_row, first_row + out.rows()) at full width (out.cols() == cols(), or the number
    // of columns of limit_columns()). T is uint8_t, int16_t, uint16_t, int32_t or float; values
    // outside T's range are clamped, floats rounded.
    template <typename T>
    void read_rows(int first_row, View2D<T> out) const;

    // The whole band.
    template <typename T>
    Plane<T> read() const;

 private:
    struct State;
    std::unique_ptr<State> state_;
};

enum class Compression { deflate, zstd, none };

struct RasterOptions {
    int block = 256;      // tile edge in pixels, a multiple of 16
    int level = 1;        // of the compression: 1 (fast) .. 12 (small)
    bool sparse = false;  // leave out tiles of nothing but nodata
    Compression compression = Compression::deflate;
};

// Writes a tiled GeoTIFF (predictor 2), same input same bytes. Rows of a band must arrive
// in order and exactly once. Until close() returned the file is incomplete; write to a temporary
// name (fs) and rename. An object is used by one thread at a time.
//
// Errors: cannot create 73, write failed or disk full 74.
class RasterWriter {
 public:
    RasterWriter(std::string path, const Grid& grid, const Layer& layer,
                 const RasterOptions& options = {});
    // Several bands of one type, stored one after the other.
    RasterWriter(std::string path, const Grid& grid, const std::vector<Layer>& layers,
                 const RasterOptions& options = {});
    ~RasterWriter();  // abandons what is not closed; never throws
    RasterWriter(RasterWriter&&) noexcept;
    RasterWriter& operator=(RasterWriter&&) noexcept;

    // T must be the C++ type of the layer's PixelType; first_row must be the next row to write of
    // that band (counted from 1).
    template <typename T>
    void write_rows(int first_row, View2D<const T> rows, int band = 1);

    // Flushes and checks that all rows of all bands were written and have reached the file.
    void close();

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hls::io
