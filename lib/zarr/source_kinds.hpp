// SPDX-License-Identifier: Apache-2.0
// The two kinds of sources. Internal to zarr.
#pragma once

#include <memory>
#include <string>

#include "zarr/source.hpp"

namespace hls::zarr {

std::unique_ptr<Source> open_netcdf_source(const std::string& path);
std::unique_ptr<Source> open_raster_source(const std::string& path);

}  // namespace hls::zarr
