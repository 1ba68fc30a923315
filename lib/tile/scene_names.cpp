// SPDX-License-Identifier: Apache-2.0
#include "tile/scene_names.hpp"

#include <istream>

#include "core/parse.hpp"

namespace hls::tile {

std::vector<std::string> scene_names(const std::vector<std::string>& words, std::istream& stream) {
    std::vector<std::string> names;
    for (const std::string& word : words) {
        if (word != "-") {
            names.push_back(word);
            continue;
        }
        for (std::string line; std::getline(stream, line);)
            if (const auto name = trim(line); !name.empty()) names.emplace_back(name);
    }
    return names;
}

}  // namespace hls::tile
