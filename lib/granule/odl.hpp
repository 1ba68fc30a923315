// SPDX-License-Identifier: Apache-2.0
// Object description language (ODL), the "KEY = VALUE" text of Landsat metadata files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hls::granule {

struct OdlEntry {
    std::string group;  // names of the groups around it, "LANDSAT_METADATA_FILE/IMAGE_ATTRIBUTES"
    std::string key;
    std::string value;  // without quotes; a list keeps its parentheses, joined into one line
};

// All entries in file order, up to END or the end of the text. `source` names the file in errors.
// Throws Error{bad_input} with the line for text that is not ODL, for groups that do not match or
// stay open (a cut file), and for more than 4 MB or 16 levels.
std::vector<OdlEntry> parse_odl(std::string_view text, std::string_view source);

}  // namespace hls::granule
