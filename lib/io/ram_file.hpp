// SPDX-License-Identifier: Apache-2.0
// A whole file in memory under a path of its own, for formats that are read here and there from
// places that only stream well: members of a compressed zip.
#pragma once

#include <string>

namespace hls::io {

class RamFile {
 public:
    // Reads `path`, which may be a GDAL virtual path. Throws Error{missing_input, permission}, and
    // Error{bad_input} for what cannot be read to its end.
    explicit RamFile(std::string path);
    ~RamFile();
    RamFile(const RamFile&) = delete;
    RamFile& operator=(const RamFile&) = delete;

    // For RasterReader; ends like the original.
    const std::string& path() const { return ram_path_; }
    // `message` with the original's path in place of this one's.
    std::string named(std::string message) const;

 private:
    std::string original_;
    std::string ram_path_;
};

}  // namespace hls::io
