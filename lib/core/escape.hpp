// SPDX-License-Identifier: Apache-2.0
// Text made safe for the inside of other languages.
#pragma once

#include <string>
#include <string_view>

namespace hls {

// The inside of a JSON string: quotes, backslashes and control characters escaped.
std::string json_escape(std::string_view text);

// XML character data or the inside of a quoted attribute.
std::string xml_escape(std::string_view text);

}  // namespace hls
