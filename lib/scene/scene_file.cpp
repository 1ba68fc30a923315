// SPDX-License-Identifier: Apache-2.0
#include "scene/scene_file.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "fs/read_text.hpp"

namespace hls::scene {

SceneFile find_scene_file(const std::filesystem::path& path) {
    const bool is_json = path.filename() == "scene.json";
    if (!std::filesystem::exists(path))
        throw Error{Exit::missing_input, fmt::format("no such file: {}", path.string())};
    if (!is_json && !std::filesystem::is_directory(path))
        throw Error{Exit::bad_input,
                    fmt::format("{} is not the folder of an AC scene", path.string())};
    SceneFile file;
    file.folder = is_json ? path.parent_path() : path;
    file.json = file.folder / "scene.json";
    if (std::filesystem::exists(file.json)) file.text = fs::read_text(file.json, kMaxMetadataBytes);
    return file;
}

}  // namespace hls::scene
