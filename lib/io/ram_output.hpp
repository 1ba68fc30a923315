// SPDX-License-Identifier: Apache-2.0
// A small file that is written in memory, to be put on disk in one piece: formats are written here
// and there, and what is there need not be read again for its digest.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace hls::io {

// An object is used by one thread at a time.
class RamOutput {
 public:
    // `ending` as in ".tif".
    explicit RamOutput(const std::string& ending);
    ~RamOutput();
    RamOutput(const RamOutput&) = delete;
    RamOutput& operator=(const RamOutput&) = delete;

    // For RasterWriter.
    const std::string& path() const { return path_; }

    // What was written, once the writer is closed; valid as long as the object. Throws
    // Error{internal} if nothing was.
    std::span<const std::byte> bytes() const;

 private:
    std::string path_;
};

}  // namespace hls::io
