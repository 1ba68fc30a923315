// SPDX-License-Identifier: Apache-2.0
// Files that feed a store: NetCDF variables and the layers of rasters (HLS GeoTIFF), behind one
// face that gives stored numbers in their own type.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "zarr/chunk_grid.hpp"
#include "zarr/data_type.hpp"
#include "zarr/json_value.hpp"

namespace hls::zarr {

struct SourceVariable {
    std::string name;  // "" for the first band of a raster, "band2", ... for others
    DataType type;     // as stored; variable_text for characters
    Shape shape;
    std::vector<std::string> dimensions;  // of a raster: "y", "x"
    std::optional<Bytes> fill;            // _FillValue, missing_value or nodata, one element
    std::optional<double> scale, offset;  // physical = stored * scale + offset
    std::string units;
    JsonObject attributes;  // all others, in CF's spelling
};

// Where rows and columns lie. The transform is GDAL's: x = t[0] + col * t[1] + row * t[2], ...
struct SourceGrid {
    std::uint64_t rows = 0;
    std::uint64_t cols = 0;
    std::array<double, 6> transform{};
    std::string crs;  // WKT, empty if the file does not say
};

// A file that is open. Used by one thread at a time. Errors: not there 66, no permission 77,
// damaged or of an unknown format 65.
class Source {
 public:
    virtual ~Source() = default;
    Source() = default;
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;

    virtual const std::string& path() const = 0;
    virtual const std::vector<SourceVariable>& variables() const = 0;
    // Of the file as a whole.
    virtual const JsonObject& attributes() const = 0;
    // Of a raster; of NetCDF where x and y coordinates of a variable are evenly spaced.
    virtual std::optional<SourceGrid> grid(const SourceVariable& variable) const = 0;

    // Stored numbers of a region, C order, native byte order. `out` has exactly their size.
    virtual void read(const SourceVariable& variable, const Region& region,
                      std::span<std::byte> out) = 0;
    virtual std::vector<std::string> read_text(const SourceVariable& variable,
                                               const Region& region) = 0;

    // nullptr if there is none of that name.
    const SourceVariable* find(std::string_view name) const;
    // Throws Error{bad_input} that names the file.
    const SourceVariable& variable(std::string_view name) const;
    Bytes read_all(const SourceVariable& variable);
    // Values of a numeric variable as double, scaled, NaN where it is fill.
    std::vector<double> read_numbers(const SourceVariable& variable, const Region& region);
    // Times of a CF time coordinate ("<unit> since <date>"), nullopt where it is fill. Calendars
    // other than standard, gregorian and proleptic_gregorian are Error{bad_input}; so are times of
    // the first two before 15 October 1582, when they are not those of ours.
    std::vector<std::optional<UtcTime>> read_times(const SourceVariable& variable);
};

// Chooses by content: NetCDF (classic, HDF5) or any raster that lib/io reads. `path` may be a GDAL
// virtual path.
std::unique_ptr<Source> open_source(const std::string& path);

}  // namespace hls::zarr
