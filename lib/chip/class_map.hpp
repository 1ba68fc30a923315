// SPDX-License-Identifier: Apache-2.0
// From a parcel's crop code to the class of a legend.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace hls::chip {

inline constexpr int kLargestClass = 254;  // 255 is "no data" in masks

// A crop code of ten digits from what a column may hold: integer, real or text, blanks around it.
// nullopt if it is not a code.
std::optional<std::string> normal_code(std::string_view text);

struct ClassMap {
    std::map<std::string, int, std::less<>> by_code, by_name;
    std::string digest;  // SHA-256 of the sorted (code, name, class) rows: order does not matter

    // Exact code, then exact name; nullopt if neither is known. Class 0 is "none of the classes".
    std::optional<int> find(std::string_view code, std::string_view name) const;
    // The same, but an unknown code takes the class of its nearest listed parent.
    std::optional<int> find_climbing(std::string_view code, std::string_view name) const;
};

// CSV with columns hcat_code, hcat_name and class_id in any order; a byte order mark, quotes and
// CRLF are accepted. Throws Error{bad_input} with line numbers for a missing column, a bad code, a
// class outside 0..254 and for a code that is given two classes; Error{missing_input}.
ClassMap read_class_map(const std::string& path);
ClassMap parse_class_map(std::string_view csv, const std::string& source);

}  // namespace hls::chip
