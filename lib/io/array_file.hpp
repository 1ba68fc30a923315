// SPDX-License-Identifier: Apache-2.0
// Arrays of any rank in NetCDF files (classic and HDF5), read through GDAL in their stored types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hls::io {

enum class ArrayType { i8, u8, i16, u16, i32, u32, i64, u64, f32, f64, text };

std::size_t array_type_bytes(ArrayType type);  // 0 for text

using AttributeValue = std::variant<std::string, std::vector<std::string>,
                                    std::vector<std::int64_t>, std::vector<double>>;
using Attributes = std::vector<std::pair<std::string, AttributeValue>>;  // in the file's order

struct ArrayDimension {
    std::string name;
    std::uint64_t size = 0;
};

struct ArrayInfo {
    std::string name;  // full name without the leading '/': "sst", "group/sst"
    // As stored; bytes are u8 if they say _Unsigned = "true". Two exceptions of GDAL 3.6: a scalar
    // of one signed byte is i16, and a single text in a row of characters is u8. Arrays of several
    // texts are text, without the dimension of their characters.
    ArrayType type = ArrayType::f32;
    std::vector<ArrayDimension> dimensions;
    Attributes attributes;  // all of them, _FillValue, scale_factor and the like included
};

// Whether a file begins as NetCDF does (classic, or HDF5). Errors: missing file 66, no
// permission 77.
bool looks_like_netcdf(const std::string& path);

// An object is used by one thread at a time. Errors: missing file 66, no permission 77, anything
// that is not a readable NetCDF file 65, no such array 65.
class ArrayFile {
 public:
    explicit ArrayFile(std::string path);
    ~ArrayFile();
    ArrayFile(ArrayFile&&) noexcept;
    ArrayFile& operator=(ArrayFile&&) noexcept;

    const std::string& path() const;
    const std::vector<ArrayInfo>& arrays() const;
    const ArrayInfo* find(const std::string& name) const;  // nullptr if there is none
    const Attributes& attributes() const;                  // of the root group

    // Stored numbers of a box in C order, native byte order, nothing scaled or masked.
    // out.size() must be the number of elements times array_type_bytes().
    void read(const ArrayInfo& array, const std::vector<std::uint64_t>& start,
              const std::vector<std::uint64_t>& count, std::span<std::byte> out) const;
    // Of an array of text; blanks and NULs at the end are cut.
    std::vector<std::string> read_text(const ArrayInfo& array,
                                       const std::vector<std::uint64_t>& start,
                                       const std::vector<std::uint64_t>& count) const;

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hls::io
