// SPDX-License-Identifier: Apache-2.0
// The table of contents of a zip file, held to what the file really has (PKWARE APPNOTE 6.3).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace hls::fs {

struct ZipMember {
    std::string name;  // as stored
    std::uint64_t packed_bytes = 0;
    std::uint64_t bytes = 0;   // unpacked
    std::uint64_t offset = 0;  // of its local header
    bool folder = false;
    bool special = false;  // link or device of Unix
    bool encrypted = false;
};

// Reads the central directory (also of zip64) and every local header, less than 1 MB of a product.
// Throws Error{missing_input, permission}, and Error{bad_input} for a file whose end is missing,
// whose directory does not end where it should or counts otherwise, whose local headers are not at
// their place or name something else, or whose members overlap.
std::vector<ZipMember> read_zip_directory(const std::filesystem::path& path);

}  // namespace hls::fs
