// SPDX-License-Identifier: Apache-2.0
// Files that reach the disk together: the chips of a task, before the part file that says so.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace hls::chip {

// Writes `target` under a temporary name through `write`, which gets that name, and renames it. The
// disk is told to begin with it and not waited for. Returns the SHA-256 of the file. What fails
// leaves nothing. Throws Error{io_error, cannot_create} and what `write` throws.
std::string write_early(const std::filesystem::path& target,
                        const std::function<void(const std::string& path)>& write);

// Waits until the files and their folders are on the disk. Throws Error{io_error}.
void sync_late(const std::vector<std::filesystem::path>& files);

}  // namespace hls::chip
