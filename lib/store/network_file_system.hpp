// SPDX-License-Identifier: Apache-2.0
// File systems whose locks and shared memory do not hold between machines.
#pragma once

#include <filesystem>
#include <string_view>

namespace hls::store {

// "NFS", "Lustre", ... for the f_type of statfs(2); empty for a file system of this machine.
std::string_view network_file_system_name(long type) noexcept;

// That of the file system that holds `path`, which need not exist yet; empty if unknown.
std::string_view network_file_system_of(const std::filesystem::path& path) noexcept;

}  // namespace hls::store
