// SPDX-License-Identifier: Apache-2.0
#include "chip/series.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "core/error.hpp"

namespace hls::chip {
namespace {

constexpr std::size_t kMonthDay = 5;  // characters of "03-15"

std::chrono::sys_days day_of_series(const std::string& text) {
    try {
        return parse_day(text);
    } catch (const Error&) {
        throw Error(Exit::usage, fmt::format("'{}' is no day of a series", text),
                    "write 2023-03-15, or 03-15 of the harvest year");
    }
}

}  // namespace

DateRange parse_series(std::string_view from, std::string_view to, int year) {
    const bool wraps = from.size() == kMonthDay && to.size() == kMonthDay && to < from;
    const auto full = [&](std::string_view text, int its_year) {
        return text.size() == kMonthDay ? fmt::format("{:04}-{}", its_year, text)
                                        : std::string(text);
    };
    const DateRange days{day_of_series(full(from, wraps ? year - 1 : year)),
                         day_of_series(full(to, year))};
    if (days.to < days.from)
        throw Error(Exit::usage, fmt::format("a series from {} to {} is empty", from, to));
    return days;
}

DateRange series_of_seasons(const std::vector<SeasonWindow>& seasons) {
    if (seasons.empty()) throw Error(Exit::bad_input, "a task without seasons");
    DateRange days = seasons.front().best;
    for (const SeasonWindow& season : seasons) {
        days.from = std::min(days.from, season.best.from);
        days.to = std::max(days.to, season.best.to);
    }
    return days;
}

std::vector<SeasonWindow> parts_of(const Series& series) {
    const auto count = (series.days.to - series.days.from).count() + 1;
    if (count < series.dates)
        throw Error(Exit::usage,
                    fmt::format("{} dates do not fit into {} days", series.dates, count));
    std::vector<SeasonWindow> parts;
    for (int i = 0; i < series.dates; ++i) {
        const DateRange part{
            series.days.from + std::chrono::days(i * count / series.dates),
            series.days.from + std::chrono::days((i + 1) * count / series.dates - 1)};
        parts.push_back({"series", {}, part, part});
    }
    return parts;
}

}  // namespace hls::chip
