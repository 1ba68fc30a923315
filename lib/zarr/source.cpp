// SPDX-License-Identifier: Apache-2.0
#include "zarr/source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "io/array_file.hpp"
#include "zarr/source_kinds.hpp"

namespace hls::zarr {
namespace {

struct CfTime {
    double unit_s = 1;
    UtcTime epoch;
};

constexpr std::array<std::pair<std::string_view, double>, 18> kUnits{{
    {"days", 86400},
    {"day", 86400},
    {"d", 86400},
    {"hours", 3600},
    {"hour", 3600},
    {"hrs", 3600},
    {"hr", 3600},
    {"h", 3600},
    {"minutes", 60},
    {"minute", 60},
    {"min", 60},
    {"seconds", 1},
    {"second", 1},
    {"sec", 1},
    {"s", 1},
    {"milliseconds", 1e-3},
    {"microseconds", 1e-6},
    {"ms", 1e-3},
}};

// "days since 1950-1-1 0:0:0 UTC": years, months and hours may lack their zeros.
std::string with_zeros(std::string_view date) {
    std::string text;
    for (std::size_t at = 0; at < date.size();) {
        std::size_t end = at;
        while (end < date.size() && date[end] >= '0' && date[end] <= '9') ++end;
        const bool fraction = at > 0 && date[at - 1] == '.';
        const std::size_t digits = end - at;
        if (digits == 1 && !fraction) text += '0';
        if (digits == 0) end = at + 1;
        text += date.substr(at, end - at);
        at = end;
    }
    return text;
}

CfTime cf_time(const std::string& units, const std::string& where) {
    const auto fail = [&] {
        return Error{Exit::bad_input,
                     fmt::format("{}: \"{}\" is no unit of time", where, units.substr(0, 80))};
    };
    const auto words = split_words(units);
    if (words.size() < 3 || words[1] != "since") throw fail();
    CfTime time;
    const auto unit = std::find_if(kUnits.begin(), kUnits.end(),
                                   [&](const auto& row) { return row.first == words[0]; });
    if (unit == kUnits.end()) throw fail();
    time.unit_s = unit->second;
    std::string date;
    for (std::size_t i = 2; i < words.size(); ++i)
        if (words[i] != "UTC" && words[i] != "GMT" && words[i] != "Z")
            date += fmt::format("{}{}", i == 2 ? "" : " ", words[i]);
    date = with_zeros(date);
    // "1950-01-01 00:00" lacks its seconds.
    if (std::count(date.begin(), date.end(), ':') == 1 && date.find('+') == std::string::npos)
        date += ":00";
    try {
        time.epoch = parse_utc(date);
    } catch (const Error&) {
        throw fail();
    }
    return time;
}

char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string text_attribute(const SourceVariable& variable, std::string_view name) {
    const auto* value = member(variable.attributes, name);
    const auto* text = value == nullptr ? nullptr : value->get<std::string>();
    return text == nullptr ? std::string() : *text;
}

}  // namespace

const SourceVariable* Source::find(std::string_view name) const {
    const auto& all = variables();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
    return found == all.end() ? nullptr : &*found;
}

const SourceVariable& Source::variable(std::string_view name) const {
    const auto* found = find(name);
    if (found != nullptr) return *found;
    throw Error{Exit::bad_input, name.empty()
                                     ? fmt::format("{}: not a raster", path())
                                     : fmt::format("{}: no variable \"{}\"", path(), name)};
}

Bytes Source::read_all(const SourceVariable& variable) {
    const auto region = whole(variable.shape);
    Bytes out(region.elements() * variable.type.bytes);
    read(variable, region, out);
    return out;
}

std::vector<double> Source::read_numbers(const SourceVariable& variable, const Region& region) {
    Bytes stored(region.elements() * variable.type.bytes);
    read(variable, region, stored);
    std::vector<double> numbers;
    const double scale = variable.scale.value_or(1);
    const double offset = variable.offset.value_or(0);
    for (std::size_t at = 0; at < stored.size(); at += variable.type.bytes) {
        const auto element = ByteView(stored).subspan(at, variable.type.bytes);
        const bool is_fill =
            variable.fill && std::equal(element.begin(), element.end(), variable.fill->begin());
        numbers.push_back(is_fill ? std::numeric_limits<double>::quiet_NaN()
                                  : element_to_double(variable.type, element) * scale + offset);
    }
    return numbers;
}

std::vector<std::optional<UtcTime>> Source::read_times(const SourceVariable& variable) {
    const auto where = fmt::format("{}: {}", path(), variable.name);
    auto calendar = text_attribute(variable, "calendar");
    for (char& c : calendar) c = ascii_lower(c);
    const bool mixed = calendar.empty() || calendar == "standard" || calendar == "gregorian";
    if (!mixed && calendar != "proleptic_gregorian")
        throw Error{Exit::bad_input, fmt::format("{}: calendar \"{}\" is not supported", where,
                                                 calendar.substr(0, 40))};
    const auto units = cf_time(variable.units, where);
    // The day after 4 October 1582 of the Julian calendar; before it the calendars differ.
    const auto reform = std::chrono::sys_days(std::chrono::year(1582) / 10 / 15);
    std::vector<std::optional<UtcTime>> times;
    for (const double number : read_numbers(variable, whole(variable.shape))) {
        if (std::isnan(number)) {
            times.emplace_back();
            continue;
        }
        // Whole units first: the sum is then exact for integers, and to a microsecond otherwise.
        const double whole_part = std::floor(number);
        const double us = whole_part * (units.unit_s * 1e6) +
                          std::round((number - whole_part) * (units.unit_s * 1e6));
        if (!(std::abs(us) < 3e17))
            throw Error{Exit::bad_input, fmt::format("{}: {} is no time", where, number)};
        const auto time = units.epoch + std::chrono::microseconds(static_cast<std::int64_t>(us));
        if (mixed && (time < reform || units.epoch < reform))
            throw Error{Exit::bad_input,
                        fmt::format("{}: times of the Julian calendar are not supported", where)};
        times.emplace_back(time);
    }
    return times;
}

std::unique_ptr<Source> open_source(const std::string& path) {
    return io::looks_like_netcdf(path) ? open_netcdf_source(path) : open_raster_source(path);
}

}  // namespace hls::zarr
