// SPDX-License-Identifier: Apache-2.0
// A file that an update reads: arrays with named dimensions, as NetCDF has them; a raster is one.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zarr/array.hpp"

namespace hls::zarr {

struct SourceVariable {
    std::string name;  // empty: the band of a raster
    DataType type;
    std::vector<std::string> dimensions;
    Shape shape;
    std::optional<Bytes> fill;  // one element, native byte order
    std::optional<double> scale, offset;
    std::optional<std::string> units;
    JsonObject attributes;  // without those above
};

struct SourceGrid {
    std::string crs;                    // WKT
    std::array<double, 6> transform{};  // x0 dx 0 y0 0 dy of pixel corners, as GDAL has it
    std::uint64_t rows = 0, cols = 0;
    bool has_transform = false;
};

// Values are handed over as they are stored, never through floating point. One thread at a time.
class SourceFile {
 public:
    SourceFile() = default;
    virtual ~SourceFile() = default;
    SourceFile(const SourceFile&) = delete;
    SourceFile& operator=(const SourceFile&) = delete;

    virtual const std::vector<SourceVariable>& variables() const = 0;
    virtual const JsonObject& attributes() const = 0;
    virtual const std::optional<SourceGrid>& grid() const = 0;
    // Dense in C order, native byte order. Throws Error{bad_input, io_error}.
    virtual Bytes read(const SourceVariable& variable, const Region& region) = 0;

    // nullptr if there is none. An empty name means the only variable of a raster.
    const SourceVariable* find(std::string_view name) const;
    // All elements of a variable as numbers, unscaled. For coordinates.
    std::vector<double> numbers(const SourceVariable& variable);
};

// Missing file 66, no permission 77, unreadable or damaged 65.
std::unique_ptr<SourceFile> open_source(const std::string& path);

// Dense elements of a numeric type as numbers.
std::vector<double> to_numbers(const DataType& type, ByteView elements);

}  // namespace hls::zarr
