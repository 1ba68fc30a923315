// SPDX-License-Identifier: Apache-2.0
// Small text files beside the pixels. Internal to scene.
#pragma once

#include <filesystem>
#include <string>

namespace hls::scene {

// Throws Error: permission if it cannot be opened, bad_input above 4 MB.
std::string read_metadata_text(const std::filesystem::path& path);

}  // namespace hls::scene
