// SPDX-License-Identifier: Apache-2.0
// Scientific data sets (SDS) of HDF4 files: parts of them read by name, whole ones written.
//
// Reading uses the HDF4 library itself, as writing must. The library is not thread-safe, and GDAL
// guards its own use of it with a lock that cannot be shared; one lock here covers both directions.
// It also takes half of GDAL's time for the packed tables (26 against 48 ms per 5 MB set).
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "io/hyperslab.hpp"

namespace hls::io {

// Safe to use from several threads; calls wait for each other.
class Hdf4Reader {
 public:
    // Throws Error{missing_input} when the file cannot be opened for reading, Error{bad_input} when
    // it is not HDF4.
    explicit Hdf4Reader(std::filesystem::path path);
    ~Hdf4Reader();
    Hdf4Reader(const Hdf4Reader&) = delete;
    Hdf4Reader& operator=(const Hdf4Reader&) = delete;

    bool has(const std::string& name) const;

    // Sizes of the SDS, slowest first. Throws Error{bad_input} when there is none of that name.
    std::vector<int> shape(const std::string& name) const;

    // Elements in row-major order, as T: uint8, int8, int16, uint16, int32 or float. Stored types
    // of these and float64 are converted. Throws Error{bad_input} naming file and data set when it
    // is absent, smaller than the slab, damaged, or holds a value that T cannot.
    template <typename T>
    std::vector<T> read(const std::string& name, const Hyperslab& slab = {}) const;

    // The same after a check that the SDS has exactly this shape.
    template <typename T>
    std::vector<T> read_shaped(const std::string& name, const std::vector<int>& shape,
                               const Hyperslab& slab = {}) const {
        require_shape(name, shape);
        return read<T>(name, slab);
    }
    void require_shape(const std::string& name, const std::vector<int>& shape) const;

    const std::filesystem::path& path() const { return path_; }

 private:
    std::filesystem::path path_;
    std::int32_t id_ = -1;
};

using Hdf4Attributes = std::vector<std::pair<std::string, std::string>>;

struct Hdf4Layout {
    std::vector<int> shape;               // slowest first
    int deflate = 0;                      // zlib level, 0 = stored
    std::vector<std::string> dimensions;  // names, empty = the library's
    Hdf4Attributes attributes;            // of the SDS, text
};

class Hdf4Writer {
 public:
    // Creates or truncates the file (give the temporary name of an fs::AtomicFile). Throws
    // Error{cannot_create}.
    explicit Hdf4Writer(std::filesystem::path path, const Hdf4Attributes& attributes = {});
    // Closes without looking at errors; use close().
    ~Hdf4Writer();
    Hdf4Writer(const Hdf4Writer&) = delete;
    Hdf4Writer& operator=(const Hdf4Writer&) = delete;

    // T as for reading. values.size() must be the product of the shape (else Error{internal}).
    // Throws Error{io_error}.
    template <typename T>
    void write(const std::string& name, std::span<const T> values, const Hdf4Layout& layout);

    // Flushes; the file is complete afterwards. Throws Error{io_error}.
    void close();

 private:
    std::filesystem::path path_;
    int descriptor_ = -1;
    std::int32_t id_ = -1;
};

}  // namespace hls::io
