// SPDX-License-Identifier: Apache-2.0
// Where the real data for tests lie.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace hls::geo {

inline std::filesystem::path test_data(std::string_view name = {}) {
    const char* folder = std::getenv("HLS_TEST_DATA");
    return std::filesystem::path(folder ? folder : "../shared/data") / name;
}

inline bool has_test_data() {
    return std::filesystem::exists(test_data("grid"));
}

}  // namespace hls::geo
