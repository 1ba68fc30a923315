// SPDX-License-Identifier: Apache-2.0
// Files that reach the disk together: the chips of a task, before the part file that says so.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

namespace hls::chip {

// Writes `target` under a temporary name and renames it. The disk is told to begin with it and not
// waited for. What fails leaves nothing. Throws Error{io_error, cannot_create}.
void write_early(const std::filesystem::path& target, std::span<const std::byte> bytes);

// Waits until the files and their folders are on the disk. Throws Error{io_error}.
void sync_late(const std::vector<std::filesystem::path>& files);

}  // namespace hls::chip
