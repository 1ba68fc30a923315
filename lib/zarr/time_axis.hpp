// SPDX-License-Identifier: Apache-2.0
// Times of files and of the axis along which a store grows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace hls::zarr {

// "seconds since 1970-01-01", as CF writes it; the calendar is the proleptic Gregorian one.
struct TimeUnits {
    std::int64_t step_us = 1'000'000;
    UtcTime epoch;
    std::string text = "seconds since 1970-01-01";

    bool operator==(const TimeUnits& other) const {
        return step_us == other.step_us && epoch == other.epoch;
    }
};

// Units are days, hours, minutes, seconds, milliseconds or microseconds (singular and the usual
// short forms too). Throws Error{bad_input}.
TimeUnits parse_time_units(std::string_view text);

// A time in whole units. Throws Error{bad_input} if it lies between two of them: times are never
// truncated.
std::int64_t number_from_time(UtcTime time, const TimeUnits& units);
// The nearest whole unit; half a unit goes up.
std::int64_t nearest_number_from_time(UtcTime time, const TimeUnits& units);

// Reads a time as strptime(3) does, with %Y %m %d %j %H %M %S %y %b and literal characters; %f is a
// fraction of a second. Everything in `text` must be used. Throws Error{bad_input}.
UtcTime parse_time(std::string_view text, std::string_view format);

// Throws Error{usage} unless `format` holds nothing parse_time() does not know and names a day.
void require_time_format(std::string_view format);

// Whole days from the day of `origin`; negative before it.
std::int64_t days_since(UtcTime origin, UtcTime time);

}  // namespace hls::zarr
