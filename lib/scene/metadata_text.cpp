// SPDX-License-Identifier: Apache-2.0
#include "scene/metadata_text.hpp"

#include <fmt/format.h>

#include <fstream>

#include "core/error.hpp"

namespace hls::scene {

std::string read_metadata_text(const std::filesystem::path& path) {
    constexpr std::size_t kMaxBytes = std::size_t{4} << 20;
    std::ifstream in(path, std::ios::binary);
    if (!in) throw Error{Exit::permission, fmt::format("cannot open {}", path.string())};
    std::string text(kMaxBytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > kMaxBytes)
        throw Error{Exit::bad_input, fmt::format("{}: too large for metadata", path.string())};
    return text;
}

}  // namespace hls::scene
