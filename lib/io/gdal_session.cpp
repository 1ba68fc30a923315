// SPDX-License-Identifier: Apache-2.0
#include "io/gdal_session.hpp"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_vsi.h>
#include <fmt/format.h>
#include <gdal.h>
#include <gdal_frmts.h>
#include <ogrsf_frmts.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "core/log.hpp"

namespace hls::io {
namespace {

// Blocks are read past GDAL's cache (RasterReader), which only has to serve other formats.
constexpr GIntBig kCacheBytes = 32 << 20;

void set_default(const char* option, const char* value) {
    if (std::getenv(option) == nullptr) CPLSetConfigOption(option, value);
}

void CPL_STDCALL collect(CPLErr severity, CPLErrorNum number, const char* message) {
    static_cast<GdalErrors*>(CPLGetErrorHandlerUserData())->add(severity, number, message);
}

Exit specific_code(int number, Exit otherwise) {
    switch (number) {
        case CPLE_OutOfMemory:
            return Exit::resource;
        case CPLE_AWSAccessDenied:
        case CPLE_AWSInvalidCredentials:
        case CPLE_AWSSignatureDoesNotMatch:
            return Exit::permission;
        case CPLE_AWSBucketNotFound:
        case CPLE_AWSObjectNotFound:
            return Exit::missing_input;
        default:
            return otherwise;
    }
}

}  // namespace

void init_gdal() {
    static std::once_flag once;
    std::call_once(once, [] {
        // Sidecar files are neither searched for nor written: a folder holds what was asked for.
        set_default("GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR");
        set_default("GDAL_PAM_ENABLED", "NO");
        if (std::getenv("GDAL_CACHEMAX") == nullptr) GDALSetCacheMax64(kCacheBytes);
        GDALRegister_GTiff();
        GDALRegister_MEM();
        GDALRegister_PNG();
        GDALRegister_JPEG();
        GDALRegister_JP2OpenJPEG();
        GDALRegister_HDF4();
        GDALRegister_HDF4Image();
        GDALRegister_HDF5();
        GDALRegister_HDF5Image();
        GDALRegister_netCDF();
        RegisterOGRGeoPackage();
        RegisterOGRShape();
    });
}

GdalErrors::GdalErrors() {
    init_gdal();
    CPLPushErrorHandlerEx(collect, this);
}

GdalErrors::~GdalErrors() {
    CPLPopErrorHandler();
}

void GdalErrors::add(int severity, int number, const char* message) noexcept {
    try {
        if (severity == CE_Debug || severity == CE_None) return;
        if (severity == CE_Warning) return log_debug("GDAL: {}", message);
        // The first error is the cause, later ones are its consequences.
        if (failed_) return;
        failed_ = true;
        number_ = number;
        message_ = message;
        std::replace(message_.begin(), message_.end(), '\n', ' ');
    } catch (...) {
        failed_ = true;  // out of memory for the text: the failure itself must not be lost
    }
}

void GdalErrors::raise(Exit code, std::string_view what, const std::string& path) const {
    throw Error{specific_code(number_, code), message_.empty()
                                                  ? fmt::format("{} {}", what, path)
                                                  : fmt::format("{} {}: {}", what, path, message_)};
}

void require_readable(const std::string& path) {
    const GdalErrors errors;
    errno = 0;
    if (VSILFILE* file = VSIFOpenL(path.c_str(), "rb")) {
        VSIFCloseL(file);
        return;
    }
    if (errno == EACCES || errno == EPERM)
        errors.raise(Exit::permission, "no permission to read", path);
    VSIStatBufL status;
    if (VSIStatL(path.c_str(), &status) != 0)
        errors.raise(Exit::missing_input, "no such file:", path);
    errors.raise(Exit::bad_input, "cannot read", path);
}

}  // namespace hls::io
