// SPDX-License-Identifier: Apache-2.0
// Strict text to value: the whole text must be used, the locale never matters.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace hls {

// Finite decimal number ("1.5", "-2e-5"), nullopt for anything else, including nan and inf.
std::optional<double> to_double(std::string_view text) noexcept;
std::optional<std::int64_t> to_int(std::string_view text) noexcept;

// Pieces between separators; "a,,b" has an empty one. "" is one empty piece.
std::vector<std::string_view> split(std::string_view text, char separator);

// Words between runs of blanks, tabs and line ends.
std::vector<std::string_view> split_words(std::string_view text);

// Without leading and trailing white space.
std::string_view trim(std::string_view text) noexcept;

}  // namespace hls
