// SPDX-License-Identifier: Apache-2.0
// The files of a folder that result records are left in.
#pragma once

#include <filesystem>
#include <vector>

namespace hls::joblog {

// Complete records directly in a folder, by name: *.json that do not begin with a dot, as those do
// that are still being written. Throws std::filesystem::filesystem_error.
std::vector<std::filesystem::path> record_files(const std::filesystem::path& folder);

// Moves a file into the folder `name` beside it, which is made if need be. Throws
// Error{cannot_create}.
void put_aside(const std::filesystem::path& file, const std::filesystem::path& name);

}  // namespace hls::joblog
