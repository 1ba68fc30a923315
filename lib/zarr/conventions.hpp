// SPDX-License-Identifier: Apache-2.0
// What geographic readers expect beside the data: CF coordinates and grid mapping, and the proj:
// and spatial: conventions of Zarr 3 stores.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "zarr/array.hpp"
#include "zarr/metadata.hpp"

namespace hls::zarr {

// A grid of cells: x = t[0] + col * t[1] + row * t[2], y = t[3] + col * t[4] + row * t[5].
struct GeoGrid {
    std::string crs;  // whatever io::describe_crs() takes
    std::array<double, 6> transform{};
    std::uint64_t rows = 0;
    std::uint64_t cols = 0;
    std::string y = "y";  // names of the dimensions
    std::string x = "x";
};

// Centres of the cells along y and x (the half-pixel rule). Throws Error{bad_input} for a grid that
// is rotated.
std::vector<double> cell_centres_y(const GeoGrid& grid);
std::vector<double> cell_centres_x(const GeoGrid& grid);

// Attributes of the coordinate variables: standard_name, long_name, units, axis.
JsonObject y_attributes(const GeoGrid& grid);
JsonObject x_attributes(const GeoGrid& grid);

// Attributes of the scalar int variable `spatial_ref`: CF grid mapping, crs_wkt, GeoTransform.
JsonObject grid_mapping_attributes(const GeoGrid& grid);

// Attributes of a group with `zarr_conventions`, proj: and spatial: (geo: "geozarr").
JsonObject geozarr_attributes(const GeoGrid& grid);

// The attribute with which xarray masks: in version 3 an integer plainly, a float as base 64 of the
// little-endian double; in version 2 nothing, for the array's own fill_value is the _FillValue.
void set_fill_attribute(ArrayMetadata& array);

// Metadata of the three arrays that describe a grid, one chunk each: `spatial_ref`, y and x, under
// the names the grid gives. `format` is 2 or 3.
struct GridArrays {
    ArrayMetadata spatial_ref, y, x;
};
GridArrays grid_arrays(const GeoGrid& grid, int format);

// Largest distance between two sets of coordinates in parts of a cell. Throws Error{bad_input} if
// their numbers differ.
double coordinate_distance_px(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace hls::zarr
