// SPDX-License-Identifier: Apache-2.0
// Versions of the geodetic libraries in use, for --version.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace hls::geo {

// {"PROJ", "9.1.1"}
std::vector<std::pair<std::string, std::string>> library_versions();

}  // namespace hls::geo
