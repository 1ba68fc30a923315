// SPDX-License-Identifier: Apache-2.0
// What a failed system call on a file means. Internal to zarr.
#pragma once

#include <cerrno>
#include <filesystem>
#include <string_view>

#include "core/error.hpp"

namespace hls::zarr {

// Throws Error{code}, or {permission} if `error` says so, with the path and the system's words.
[[noreturn]] void fail_file(Exit code, std::string_view what, const std::filesystem::path& path,
                            int error);

// Whether `error` says that there is no file of that name.
inline bool is_absent(int error) {
    return error == ENOENT || error == ENOTDIR;
}

// "." for a bare name.
inline std::filesystem::path parent_of(const std::filesystem::path& path) {
    const auto parent = path.parent_path();
    return parent.empty() ? std::filesystem::path(".") : parent;
}

}  // namespace hls::zarr
