// SPDX-License-Identifier: Apache-2.0
// What is inside a tar or zip file, and single small members of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace hls::fs {

struct ArchiveMember {
    std::string name;  // relative path with '/', never leading out of the archive
    std::uint64_t bytes = 0;
};

// The regular files of a tar (plain or gzip) or zip, in archive order. Throws Error{missing_input,
// permission}, and Error{bad_input} for a corrupt archive, for a member with an absolute name or
// one that climbs out with "..", and for more than 100,000 members.
std::vector<ArchiveMember> list_archive(const std::filesystem::path& path);

// Content of one regular file. Throws as list_archive does, and Error{bad_input} if there is no
// such member or if it is larger than `max_bytes`.
std::string read_archive_member(const std::filesystem::path& path, std::string_view name,
                                std::size_t max_bytes);

}  // namespace hls::fs
