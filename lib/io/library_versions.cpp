// SPDX-License-Identifier: Apache-2.0
#include "io/library_versions.hpp"

#include <fmt/format.h>
#include <gdal.h>
#include <hdf5.h>
#include <mfhdf.h>

namespace hls::io {

std::vector<std::pair<std::string, std::string>> library_versions() {
    unsigned h4_major = 0, h4_minor = 0, h4_release = 0;
    char h4_text[81] = {};  // the manual of HDF4: LIBVSTR_LEN (80) and an end
    Hgetlibversion(&h4_major, &h4_minor, &h4_release, h4_text);
    unsigned h5_major = 0, h5_minor = 0, h5_release = 0;
    H5get_libversion(&h5_major, &h5_minor, &h5_release);
    return {{"GDAL", GDALVersionInfo("RELEASE_NAME")},
            {"HDF4", fmt::format("{}.{}.{}", h4_major, h4_minor, h4_release)},
            {"HDF5", fmt::format("{}.{}.{}", h5_major, h5_minor, h5_release)}};
}

}  // namespace hls::io
