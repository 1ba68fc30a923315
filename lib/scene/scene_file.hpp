// SPDX-License-Identifier: Apache-2.0
// Finds the scene.json of an AC scene that a user named by folder or by file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

namespace hls::scene {

inline constexpr std::size_t kMaxMetadataBytes = 4 << 20;

struct SceneFile {
    std::filesystem::path folder;     // of the scene
    std::filesystem::path json;       // folder/scene.json
    std::optional<std::string> text;  // of it; nullopt: the folder has none
};

// Throws Error{missing_input} when there is nothing called so, Error{bad_input} when it is neither
// a folder nor a scene.json.
SceneFile find_scene_file(const std::filesystem::path& path);

}  // namespace hls::scene
