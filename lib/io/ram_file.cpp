// SPDX-License-Identifier: Apache-2.0
#include "io/ram_file.hpp"

#include <cpl_vsi.h>
#include <fmt/format.h>

#include <atomic>

#include "core/error.hpp"
#include "io/gdal_session.hpp"

namespace hls::io {

RamFile::RamFile(std::string path) : original_(std::move(path)) {
    static std::atomic<int> count = 0;
    require_readable(original_);
    const GdalErrors errors;
    GByte* data = nullptr;
    vsi_l_offset size = 0;
    if (VSIIngestFile(nullptr, original_.c_str(), &data, &size, -1) == 0 || errors.failed()) {
        VSIFree(data);
        errors.raise(Exit::bad_input, "cannot read", original_);
    }
    ram_path_ =
        fmt::format("/vsimem/hls-{}/{}", count++, original_.substr(original_.rfind('/') + 1));
    VSILFILE* file = VSIFileFromMemBuffer(ram_path_.c_str(), data, size, TRUE);
    if (file == nullptr) {
        VSIFree(data);
        errors.raise(Exit::resource, "no memory for", original_);
    }
    VSIFCloseL(file);
}

RamFile::~RamFile() {
    VSIUnlink(ram_path_.c_str());
}

std::string RamFile::named(std::string message) const {
    const auto at = message.find(ram_path_);
    return at == std::string::npos ? message : message.replace(at, ram_path_.size(), original_);
}

}  // namespace hls::io
