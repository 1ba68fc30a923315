// SPDX-License-Identifier: Apache-2.0
#include "zarr/time_axis.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cmath>
#include <optional>

#include "core/error.hpp"
#include "core/parse.hpp"

namespace hls::zarr {
namespace {

using std::chrono::days;
using std::chrono::microseconds;

struct UnitName {
    std::string_view word;
    std::int64_t step_us;
};

constexpr std::array kUnits{
    UnitName{"day", 86'400'000'000},
    UnitName{"d", 86'400'000'000},
    UnitName{"hour", 3'600'000'000},
    UnitName{"hr", 3'600'000'000},
    UnitName{"h", 3'600'000'000},
    UnitName{"minute", 60'000'000},
    UnitName{"min", 60'000'000},
    UnitName{"second", 1'000'000},
    UnitName{"sec", 1'000'000},
    UnitName{"s", 1'000'000},
    UnitName{"millisecond", 1'000},
    UnitName{"msec", 1'000},
    UnitName{"ms", 1'000},
    UnitName{"microsecond", 1},
    UnitName{"us", 1},
};

constexpr std::string_view kMonths[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                        "jul", "aug", "sep", "oct", "nov", "dec"};

// What the fields of a format have said so far.
struct Fields {
    int year = 1970, month = 1, day = 1;
    std::optional<int> day_of_year;
    int hour = 0, minute = 0, second = 0;
    std::int64_t fraction_us = 0;
};

// Takes `digits` digits off the front of `text`.
std::optional<int> take_digits(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return std::nullopt;
    for (const char c : text.substr(0, digits))
        if (c < '0' || c > '9') return std::nullopt;
    const auto number = to_int(text.substr(0, digits));
    text.remove_prefix(digits);
    return static_cast<int>(*number);
}

std::optional<int> take_month(std::string_view& text) {
    if (text.size() < 3) return std::nullopt;
    for (int month = 0; month < 12; ++month) {
        bool same = true;
        for (std::size_t i = 0; i < 3; ++i) same &= (text[i] | 0x20) == kMonths[month][i];
        if (!same) continue;
        text.remove_prefix(3);
        return month + 1;
    }
    return std::nullopt;
}

std::optional<std::int64_t> take_fraction(std::string_view& text) {
    std::int64_t value = 0;
    std::int64_t scale = 1'000'000;
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
        if (scale > 1) {
            scale /= 10;
            value += (text[digits] - '0') * scale;
        }
        ++digits;
    }
    if (digits == 0) return std::nullopt;
    text.remove_prefix(digits);
    return value;
}

template <typename T>
bool store(std::optional<T> found, T& place) {
    if (!found) return false;
    place = *found;
    return true;
}

bool take_field(char field, std::string_view& text, Fields& fields) {
    switch (field) {
        case 'Y':
            return store(take_digits(text, 4), fields.year);
        case 'y':
            // As POSIX has it: 69-99 are 1969-1999.
            if (!store(take_digits(text, 2), fields.year)) return false;
            fields.year += fields.year < 69 ? 2000 : 1900;
            return true;
        case 'm':
            return store(take_digits(text, 2), fields.month);
        case 'b':
            return store(take_month(text), fields.month);
        case 'd':
            return store(take_digits(text, 2), fields.day);
        case 'j':
            fields.day_of_year = take_digits(text, 3);
            return fields.day_of_year.has_value();
        case 'H':
            return store(take_digits(text, 2), fields.hour);
        case 'M':
            return store(take_digits(text, 2), fields.minute);
        case 'S':
            return store(take_digits(text, 2), fields.second);
        case 'f':
            return store(take_fraction(text), fields.fraction_us);
        default:
            return false;
    }
}

std::optional<UtcTime> instant_of(const Fields& fields) {
    using namespace std::chrono;
    if (fields.hour > 23 || fields.minute > 59 || fields.second > 60) return std::nullopt;
    sys_days date;
    if (fields.day_of_year) {
        const year in_year{fields.year};
        const int day = *fields.day_of_year;
        if (day < 1 || day > (in_year.is_leap() ? 366 : 365)) return std::nullopt;
        date = sys_days{in_year / January / 1} + days{day - 1};
    } else {
        const year_month_day ymd = year{fields.year} / static_cast<unsigned>(fields.month) /
                                   static_cast<unsigned>(fields.day);
        if (!ymd.ok()) return std::nullopt;
        date = ymd;
    }
    return UtcTime{date} + hours{fields.hour} + minutes{fields.minute} + seconds{fields.second} +
           microseconds{fields.fraction_us};
}

}  // namespace

TimeUnits parse_time_units(std::string_view text) {
    const auto fail = [&] {
        throw Error{Exit::bad_input, fmt::format("'{}' are no units of time", text),
                    "as in 'seconds since 1970-01-01'"};
    };
    TimeUnits units;
    units.text = std::string(trim(text));
    const std::size_t since = units.text.find(" since ");
    if (since == std::string::npos) fail();
    std::string word(trim(std::string_view(units.text).substr(0, since)));
    units.step_us = 0;
    for (const UnitName& unit : kUnits)
        if (word == unit.word || word == std::string(unit.word) + "s") units.step_us = unit.step_us;
    if (units.step_us == 0) fail();
    std::string reference(trim(std::string_view(units.text).substr(since + 7)));
    if (reference.ends_with(" UTC")) reference.resize(reference.size() - 4);
    try {
        units.epoch = parse_utc(reference);
    } catch (const Error&) {
        fail();
    }
    return units;
}

std::int64_t number_from_time(UtcTime time, const TimeUnits& units) {
    const std::int64_t distance_us = (time - units.epoch).count();
    if (distance_us % units.step_us != 0)
        throw Error{Exit::bad_input,
                    fmt::format("{} is between two whole '{}'", format_utc(time, 6), units.text),
                    "give the axis finer units"};
    return distance_us / units.step_us;
}

std::int64_t nearest_number_from_time(UtcTime time, const TimeUnits& units) {
    const std::int64_t shifted_us = (time - units.epoch).count() + units.step_us / 2;
    const std::int64_t quotient = shifted_us / units.step_us;
    return quotient - (shifted_us % units.step_us < 0 ? 1 : 0);
}

UtcTime parse_time(std::string_view text, std::string_view format) {
    std::string_view rest = text;
    Fields fields;
    bool good = true;
    for (std::size_t i = 0; good && i < format.size(); ++i) {
        if (format[i] == '%' && i + 1 < format.size()) {
            good = take_field(format[++i], rest, fields);
        } else {
            good = !rest.empty() && rest.front() == format[i];
            if (good) rest.remove_prefix(1);
        }
    }
    const auto instant = good && rest.empty() ? instant_of(fields) : std::nullopt;
    if (!instant)
        throw Error{Exit::bad_input, fmt::format("'{}' is no time of the form {}", text, format)};
    return *instant;
}

void require_time_format(std::string_view format) {
    std::string fields;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%') continue;
        const char field = i + 1 < format.size() ? format[++i] : '%';
        if (std::string_view("YymbdjHMSf").find(field) == std::string_view::npos)
            throw Error{Exit::usage,
                        fmt::format("time format '{}': %{} is not known", format, field),
                        "%Y %y %m %b %d %j %H %M %S %f are"};
        fields += field;
    }
    const auto has = [&](const char* any) {
        return fields.find_first_of(any) != std::string::npos;
    };
    if (!has("Yy") || !(has("j") || (has("mb") && has("d"))))
        throw Error{Exit::usage, fmt::format("time format '{}' does not name a day", format),
                    "as in %Y%j or %Y%m%d"};
}

std::int64_t days_since(UtcTime origin, UtcTime time) {
    return (std::chrono::floor<days>(time) - std::chrono::floor<days>(origin)).count();
}

}  // namespace hls::zarr
