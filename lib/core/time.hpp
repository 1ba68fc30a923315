// SPDX-License-Identifier: Apache-2.0
// UTC instants: parsing and printing as the agencies' metadata do, and the processing clock.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace hls {

using UtcTime = std::chrono::sys_time<std::chrono::microseconds>;

// "2020-08-26", "2020-08-26T14:53:01.1234567Z", "...+00:00", or with a blank instead of T; without
// a zone it is UTC. Digits past microseconds are cut. Throws Error{bad_input}.
UtcTime parse_utc(std::string_view text);

// "2020-08-26T14:53:01Z" with `digits` (0..6) decimals of the second, truncated.
std::string format_utc(UtcTime time, int digits = 0);

struct CivilDate {
    int year, month, day;
    int day_of_year;  // 1..366
};
CivilDate civil_date(UtcTime time);

UtcTime utc_now();

// The one clock that may enter a product: SOURCE_DATE_EPOCH when set, the current time otherwise.
UtcTime processing_time();

}  // namespace hls
