// SPDX-License-Identifier: Apache-2.0
// Bytes that lie elsewhere, given to GDAL under a path as if they were a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace hls::io {

class ByteSource {
 public:
    virtual ~ByteSource() = default;

    virtual std::uint64_t size() = 0;
    // Fills `out` with the bytes from `offset` on; both ends lie within size(). Throws Error.
    virtual void read(std::uint64_t offset, std::span<std::byte> out) = 0;
};

// One thread at a time reads the file; `source` outlives it.
class ByteFile {
 public:
    ByteFile(ByteSource& source, std::string_view name);
    ~ByteFile();
    ByteFile(const ByteFile&) = delete;
    ByteFile& operator=(const ByteFile&) = delete;

    // For RasterReader; ends in `name`.
    const std::string& path() const;
    // Throws what the source threw, which GDAL only saw as a read that failed. Ask when a reader
    // of the path throws.
    void rethrow() const;

    struct State;

 private:
    std::unique_ptr<State> state_;
};

}  // namespace hls::io
