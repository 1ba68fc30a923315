// SPDX-License-Identifier: Apache-2.0
// When a class is seen best.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace hls::chip {

struct DateRange {
    std::chrono::sys_days from, to;  // both included

    bool holds(std::chrono::sys_days day) const noexcept { return from <= day && day <= to; }
};

struct SeasonWindow {
    std::string name;
    std::vector<int> classes;
    DateRange best, fallback;
};

// The windows of a table like share/chip/seasons.json in the harvest year at a latitude. Throws
// Error{bad_input} naming `source`, also where two groups claim a class.
std::vector<SeasonWindow> season_windows(std::string_view table, const std::string& source,
                                         int year, double lat_deg);

std::string format_day(std::chrono::sys_days day);  // "2023-06-15"
// Throws Error{bad_input}.
std::chrono::sys_days parse_day(std::string_view text);

}  // namespace hls::chip
