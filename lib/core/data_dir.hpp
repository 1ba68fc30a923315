// SPDX-License-Identifier: Apache-2.0
// Where tables and ancillary data live.
#pragma once

#include <filesystem>

namespace hls {

// $HLS_DATA_DIR, else $XDG_DATA_HOME/hls, else ~/.local/share/hls. Throws Error{usage} when none of
// them can be told.
std::filesystem::path data_dir();

}  // namespace hls
