// SPDX-License-Identifier: Apache-2.0
#include "chip/season.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.hpp"
#include "core/time.hpp"

namespace hls::chip {
namespace {

using Json = nlohmann::json;

// A window that ends before it starts begins in the year before the harvest.
DateRange range_of(const std::string& from, const std::string& to, int year,
                   std::chrono::days shift) {
    const bool wraps = to < from;
    return {parse_day(fmt::format("{:04}-{}", wraps ? year - 1 : year, from)) + shift,
            parse_day(fmt::format("{:04}-{}", year, to)) + shift};
}

std::chrono::days shift_at(const Json& table, double lat_deg) {
    const double north = lat_deg - table.at("reference_latitude_deg").get<double>();
    const double days = std::max(0., north) * table.at("shift_days_per_deg").get<double>();
    return std::chrono::days(std::lround(days));
}

std::vector<SeasonWindow> windows_of(const Json& table, int year, double lat_deg) {
    const auto shift = shift_at(table, lat_deg);
    std::vector<SeasonWindow> windows;
    std::set<int> seen;
    for (const auto& [name, group] : table.at("groups").items()) {
        SeasonWindow window{name, group.at("classes").get<std::vector<int>>(), {}, {}};
        for (const int klass : window.classes)
            if (!seen.insert(klass).second)
                throw Error(Exit::bad_input, fmt::format("class {} is in two groups", klass));
        window.best = range_of(group.at("from"), group.at("to"), year, shift);
        const auto& fallback = group.at("fallback");
        window.fallback = range_of(fallback.at(0), fallback.at(1), year, shift);
        windows.push_back(std::move(window));
    }
    return windows;
}

}  // namespace

std::vector<SeasonWindow> season_windows(std::string_view table, const std::string& source,
                                         int year, double lat_deg) {
    try {
        return windows_of(Json::parse(table), year, lat_deg);
    } catch (const Json::exception& error) {
        throw Error(Exit::bad_input,
                    fmt::format("{}: no table of seasons: {}", source, error.what()),
                    "see share/chip/seasons.json");
    } catch (const Error& error) {
        throw Error(error.code, fmt::format("{}: {}", source, error.message));
    }
}

std::string format_day(std::chrono::sys_days day) {
    return format_utc(UtcTime(day)).substr(0, 10);
}

std::chrono::sys_days parse_day(std::string_view text) {
    if (text.size() != 10)
        throw Error(Exit::bad_input, fmt::format("'{}' is no date like 2023-06-15", text));
    return std::chrono::floor<std::chrono::days>(parse_utc(text));
}

}  // namespace hls::chip
