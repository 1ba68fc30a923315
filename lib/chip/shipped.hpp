// SPDX-License-Identifier: Apache-2.0
// The tables of share/ that the tool carries with it, so that it needs no data file at run time.
#pragma once

#include <string_view>

namespace hls::chip {

std::string_view shipped_class_map() noexcept;          // share/classes/eurocrops8.csv
std::string_view shipped_lenient_class_map() noexcept;  // share/classes/eurocrops8-lenient.csv
std::string_view shipped_seasons() noexcept;            // share/chip/seasons.json
std::string_view shipped_imagery() noexcept;            // share/chip/imagery.json

}  // namespace hls::chip
