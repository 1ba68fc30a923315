// SPDX-License-Identifier: Apache-2.0
// GDAL as this kit uses it: few drivers, quiet, small cache, errors as hls::Error.
#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"

namespace hls::io {

// Registers the drivers the kit reads and writes (GeoTIFF, PNG, JPEG, JPEG 2000, HDF4, HDF5,
// NetCDF, GeoPackage, Shapefile) and sets GDAL's options, once per process. Options set by the user
// in the environment win.
void init_gdal();

// While alive, GDAL's messages of this thread are collected instead of printed. Objects nest.
class GdalErrors {
 public:
    GdalErrors();
    ~GdalErrors();
    GdalErrors(const GdalErrors&) = delete;
    GdalErrors& operator=(const GdalErrors&) = delete;

    // Whether an error (not a mere warning) was reported since construction.
    bool failed() const { return failed_; }
    // Throws Error{code, "<what> <path>: <GDAL's first message>"}; a lack of permission, an absent
    // object or lack of memory that GDAL reports overrides `code`.
    [[noreturn]] void raise(Exit code, std::string_view what, const std::string& path) const;

    // For the C callback only.
    void add(int severity, int number, const char* message) noexcept;

 private:
    bool failed_ = false;
    int number_ = 0;
    std::string message_;
};

// Throws Error{missing_input} or Error{permission} if `path` cannot be opened for reading because
// it is not there or is not ours to read; says nothing about its content.
void require_readable(const std::string& path);

}  // namespace hls::io
