// SPDX-License-Identifier: Apache-2.0
// The dates of a stack: a stretch of the year in equal parts, of which each gives one scene.
#pragma once

#include <string_view>
#include <vector>

#include "chip/season.hpp"

namespace hls::chip {

inline constexpr int kMostDates = 73;  // every five days of a year

struct Series {
    DateRange days;
    int dates = 2;
    int least_dates = 2;  // of a chip; the others may be missing
};

// Ends of a series, as dates like 2023-03-15, or month and day of the harvest year; then one that
// ends before it starts begins in the year before. Throws Error{usage}.
DateRange parse_series(std::string_view from, std::string_view to, int year);

// From the first to the last day on which some class is seen best. The same for all classes: dates
// must not tell what is to be learnt.
DateRange series_of_seasons(const std::vector<SeasonWindow>& seasons);

// Part i holds days floor(i * d / n) to floor((i + 1) * d / n) - 1 of the d days, as a window to
// choose one scene in. Throws Error{usage} for fewer days than dates.
std::vector<SeasonWindow> parts_of(const Series& series);

}  // namespace hls::chip
