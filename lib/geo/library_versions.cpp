// SPDX-License-Identifier: Apache-2.0
#include "geo/library_versions.hpp"

#include <proj.h>

namespace hls::geo {

std::vector<std::pair<std::string, std::string>> library_versions() {
    return {{"PROJ", proj_info().version}};
}

}  // namespace hls::geo
