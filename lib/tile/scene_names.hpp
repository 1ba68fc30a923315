// SPDX-License-Identifier: Apache-2.0
// Scenes as a command line names them.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace hls::tile {

// The words, in order; in place of "-" the lines of `stream`, blank ones left out.
std::vector<std::string> scene_names(const std::vector<std::string>& words, std::istream& stream);

}  // namespace hls::tile
