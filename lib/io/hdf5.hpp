// SPDX-License-Identifier: Apache-2.0
// Arrays of HDF5 files: parts of them read by full name (through GDAL), whole ones written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "io/hyperslab.hpp"

namespace hls::io {

class Hdf5Reader {
 public:
    // Throws Error{missing_input} when the file cannot be opened for reading, Error{bad_input} when
    // it is not HDF5.
    explicit Hdf5Reader(std::filesystem::path path);

    // Elements in row-major order, as T: uint8, uint16, int16, int32 or float; other stored numbers
    // are converted (and clamped). `name` is the full name ("/HDFEOS/GRIDS/.."). The array must
    // have exactly `shape`. Throws Error{bad_input} naming file and data set when it is absent, of
    // another shape or damaged. Safe to use from several threads; calls wait for each other.
    template <typename T>
    std::vector<T> read_shaped(const std::string& name, const std::vector<int>& shape,
                               const Hyperslab& slab = {}) const;

    const std::filesystem::path& path() const { return path_; }

 private:
    std::filesystem::path path_;
};

struct Hdf5Layout {
    std::vector<int> shape;  // slowest first
    std::vector<int> chunk;  // empty = contiguous, stored
    int deflate = 0;         // zlib level, needs chunk
};

class Hdf5Writer {
 public:
    // Creates or truncates the file (give the temporary name of an fs::AtomicFile). Throws
    // Error{cannot_create}.
    explicit Hdf5Writer(std::filesystem::path path);
    // Closes without looking at errors; use close().
    ~Hdf5Writer();
    Hdf5Writer(const Hdf5Writer&) = delete;
    Hdf5Writer& operator=(const Hdf5Writer&) = delete;

    // Makes the groups on the way. T is uint8, uint16, int16, int32 or float. values.size() must be
    // the product of the shape (else Error{internal}). Throws Error{io_error}.
    template <typename T>
    void write(const std::string& name, std::span<const T> values, const Hdf5Layout& layout);

    // Flushes; the file is complete afterwards. Throws Error{io_error}.
    void close();

 private:
    std::filesystem::path path_;
    std::int64_t id_ = -1;
};

// Overwrites all elements of an array that is in the file already; layout, attributes and whatever
// else is there stay. Not safe against being killed: work on a copy. T as for writing. Throws
// Error{bad_input} when there is no such array or it has another number of elements,
// Error{io_error}.
template <typename T>
void replace_hdf5(const std::filesystem::path& path, const std::string& name,
                  std::span<const T> values);

}  // namespace hls::io
