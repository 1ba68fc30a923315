// SPDX-License-Identifier: Apache-2.0
// Small files as text.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace hls::fs {

// The whole file. Throws Error{missing_input, permission, io_error}, and Error{bad_input} if it is
// larger than `max_bytes`.
std::string read_text(const std::filesystem::path& path, std::size_t max_bytes);

}  // namespace hls::fs
