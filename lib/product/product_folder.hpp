// SPDX-License-Identifier: Apache-2.0
// A folder of finished files with their checksums; it appears as a whole, manifest last.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "fs/atomic_output.hpp"
#include "product/product_metadata.hpp"
#include "product/product_writer.hpp"

namespace hls::product {

class ProductFolder {
 public:
    ProductFolder(std::filesystem::path target, fs::IfExists mode);

    // Where to write the file that will be `name` (may lie in a folder of its own).
    std::filesystem::path path(std::string_view name) const;

    // Lists a file written to path(name). The order of these calls is that of the manifest.
    void add(std::string name, std::uint64_t bytes, std::string sha512);
    void add_text(std::string name, std::string_view text);
    void add_file(std::string name);  // reads it for its checksum

    // Writes the manifest of the files added since the last one, as `name`.
    void add_manifest(std::string name, Manifest manifest);

    // Renames the folder; returns its files under their final names.
    std::vector<ProductFile> commit();

 private:
    std::filesystem::path target_;
    fs::AtomicDirectory directory_;
    std::vector<ProductFile> files_;  // paths relative to the folder
    std::size_t manifested_ = 0;
};

}  // namespace hls::product
