// SPDX-License-Identifier: Apache-2.0
// A folder as a zip archive.
#pragma once

#include <filesystem>

namespace hls::simulate {

// Everything under `folder`, whose own name comes first in every member's. Members are stored, not
// compressed, in the order of their names and without a time, so that the same files give the same
// bytes. Throws Error{cannot_create, io_error}.
void write_zip(const std::filesystem::path& folder, const std::filesystem::path& zip);

}  // namespace hls::simulate
