// SPDX-License-Identifier: Apache-2.0
// Which build of hls-tools this is.
#pragma once

#include <string>

namespace hls::cli {

// "0.1.0 (1a2b3c4d)"; "-dirty" is added to the git id of a tree with changes, and an unpacked
// source archive has no git id.
std::string version();

}  // namespace hls::cli
