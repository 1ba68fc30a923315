// SPDX-License-Identifier: Apache-2.0
// Comma-separated values as RFC 4180 has them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hls::chip {

struct CsvRow {
    int line = 0;  // where it starts, from 1
    std::vector<std::string> fields;
};

// All rows that are not empty. Quoted fields may hold commas, quotes ("") and line ends; a byte
// order mark, CRLF and a missing last line end are accepted. Throws Error{bad_input} naming
// `source` for a quote that is not closed.
std::vector<CsvRow> parse_csv(std::string_view text, const std::string& source);

}  // namespace hls::chip
