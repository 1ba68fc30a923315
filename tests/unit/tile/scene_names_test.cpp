// SPDX-License-Identifier: Apache-2.0
#include "tile/scene_names.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace hls::tile {
namespace {

TEST(SceneNames, WordsAndLinesInOrder) {
    std::istringstream lines("  b\n\n c d \r\n");
    EXPECT_EQ(scene_names({"a", "-", "e"}, lines),
              (std::vector<std::string>{"a", "b", "c d", "e"}));
}

TEST(SceneNames, NothingIsReadUnlessAskedFor) {
    std::istringstream lines("b\n");
    EXPECT_EQ(scene_names({"a"}, lines), std::vector<std::string>{"a"});
    EXPECT_EQ(lines.str().size() - static_cast<std::size_t>(lines.tellg()), 2U);
}

}  // namespace
}  // namespace hls::tile
