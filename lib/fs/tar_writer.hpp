// SPDX-License-Identifier: Apache-2.0
// POSIX ustar archives whose bytes depend on their members alone: no owner, no mode of the file, no
// clock.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "fs/digest.hpp"

namespace hls::fs {

class TarWriter {
 public:
    // Throws Error{cannot_create}.
    explicit TarWriter(std::filesystem::path path);

    // Names up to 100 bytes, contents up to 8 GiB; Throws Error{internal} beyond, {io_error}.
    void add(std::string_view name, std::string_view content);
    // What add() would write for a member of so many bytes.
    static std::uint64_t member_bytes(std::uint64_t content_bytes);

    // Ends the archive; returns its SHA-256.
    std::string close();
    std::uint64_t bytes() const { return bytes_; }

 private:
    void write(std::string_view data);

    std::filesystem::path path_;
    std::ofstream file_;
    Digest digest_{DigestKind::sha256};
    std::uint64_t bytes_ = 0;
};

}  // namespace hls::fs
