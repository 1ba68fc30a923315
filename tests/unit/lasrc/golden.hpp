// SPDX-License-Identifier: Apache-2.0
// The golden Landsat case: NASA's LaSRC 3.1.0 on a synthetic granule, read in place.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/view2d.hpp"
#include "io/raster.hpp"

namespace hls::lasrc::golden {

inline constexpr const char* kProduct = "LC08_L1TP_042029_20200629_20200708_02_T1";

inline std::filesystem::path folder() {
    const char* data = std::getenv("HLS_TEST_DATA");
    return std::filesystem::path(data ? data : "../shared/data") / "golden" / "lasrc_landsat";
}
inline bool absent() {
    return !std::filesystem::exists(folder());
}
inline std::filesystem::path granule() {
    return folder() / kProduct;
}
inline std::filesystem::path ancillary() {
    return folder() / "ancillary";
}

template <typename T>
Plane<T> read(const std::filesystem::path& path) {
    return io::RasterReader(path.string()).template read<T>();
}
template <typename T>
Plane<T> expected(const std::string& name) {
    return read<T>(folder() / "expected" / (name + ".tif"));
}

}  // namespace hls::lasrc::golden
