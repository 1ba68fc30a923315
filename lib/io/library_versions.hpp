// SPDX-License-Identifier: Apache-2.0
// Versions of the raster libraries in use, for --version.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace hls::io {

// {"GDAL", "3.6.2"}, {"HDF4", ..}, {"HDF5", ..}
std::vector<std::pair<std::string, std::string>> library_versions();

}  // namespace hls::io
