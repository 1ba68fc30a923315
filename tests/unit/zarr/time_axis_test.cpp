// SPDX-License-Identifier: Apache-2.0
#include "zarr/time_axis.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace hls::zarr {
namespace {

TEST(TimeUnits, AreReadInEverySpelling) {
    EXPECT_EQ(parse_time_units("seconds since 1970-01-01").step_us, 1'000'000);
    EXPECT_EQ(parse_time_units("days since 1950-01-01 00:00:00 UTC").step_us, 86'400'000'000);
    EXPECT_EQ(parse_time_units("hours since 1900-01-01T00:00:00Z").step_us, 3'600'000'000);
    EXPECT_EQ(parse_time_units("milliseconds since 2000-01-01").step_us, 1'000);
    EXPECT_EQ(parse_time_units("days since 1950-01-01").epoch, parse_utc("1950-01-01"));
    for (const char* text : {"", "seconds", "seconds since", "fortnights since 1970-01-01",
                             "seconds since yesterday", "since 1970-01-01"}) {
        try {
            parse_time_units(text);
            ADD_FAILURE() << text;
        } catch (const Error& error) {
            EXPECT_EQ(error.code, Exit::bad_input) << text;
        }
    }
}

// Day units cut the hours off in the field; here what lies between two units is refused.
TEST(TimeUnits, NumbersAreExactOrRefused) {
    const auto days = parse_time_units("days since 1970-01-01");
    EXPECT_EQ(number_from_time(parse_utc("1970-01-03"), days), 2);
    EXPECT_EQ(number_from_time(parse_utc("1969-12-30"), days), -2);
    EXPECT_THROW(number_from_time(parse_utc("1970-01-03T06:00:00Z"), days), Error);
    const TimeUnits seconds;
    EXPECT_EQ(number_from_time(parse_utc("2024-02-29T12:00:01Z"), seconds), 1'709'208'001);
    EXPECT_THROW(number_from_time(parse_utc("2024-02-29T12:00:01.5Z"), seconds), Error);
}

TEST(TimeUnits, NearestGoesUpFromTheMiddle) {
    const TimeUnits seconds;
    const auto nearest = [&](const char* time) {
        return nearest_number_from_time(parse_utc(time), seconds);
    };
    EXPECT_EQ(nearest("1970-01-01T00:00:01.499999Z"), 1);
    EXPECT_EQ(nearest("1970-01-01T00:00:01.5Z"), 2);
    EXPECT_EQ(nearest("1969-12-31T23:59:58.5Z"), -1);
    EXPECT_EQ(nearest("1969-12-31T23:59:58.4Z"), -2);
}

TEST(ParseTime, ReadsWhatNamesOfFilesHold) {
    EXPECT_EQ(parse_time("2020214T161612", "%Y%jT%H%M%S"), parse_utc("2020-08-01T16:16:12Z"));
    EXPECT_EQ(parse_time("20241008", "%Y%m%d"), parse_utc("2024-10-08"));
    EXPECT_EQ(parse_time("08-OCT-2024 01:02:03.25", "%d-%b-%Y %H:%M:%S.%f"),
              parse_utc("2024-10-08T01:02:03.25Z"));
    EXPECT_EQ(parse_time("24366", "%y%j"), parse_utc("2024-12-31"));
    EXPECT_EQ(parse_time("20240229", "%Y%m%d"), parse_utc("2024-02-29"));
}

TEST(ParseTime, UsesEverythingOrRefuses) {
    const std::pair<const char*, const char*> bad[] = {
        {"20241008x", "%Y%m%d"},       {"2024100", "%Y%m%d"}, {"20230229", "%Y%m%d"},
        {"20241308", "%Y%m%d"},        {"2023366", "%Y%j"},   {"2024000", "%Y%j"},
        {"20241008T24", "%Y%m%dT%H"},  {"", "%Y%m%d"},        {"2024-10-08", "%Y%m%d"},
        {"20241008 6", "%Y%m%d %M %S"}};
    for (const auto& [text, format] : bad) {
        try {
            parse_time(text, format);
            ADD_FAILURE() << text << " by " << format;
        } catch (const Error& error) {
            EXPECT_EQ(error.code, Exit::bad_input) << text;
        }
    }
}

TEST(ParseTime, FormatsMustNameADay) {
    for (const char* good : {"%Y%m%d", "%Y%j", "%y%j", "%d %b %Y"})
        EXPECT_NO_THROW(require_time_format(good)) << good;
    for (const char* bad : {"", "%Y", "%Y%m", "%H%M", "%Y%q%d", "%Y%m%d%"}) {
        try {
            require_time_format(bad);
            ADD_FAILURE() << bad;
        } catch (const Error& error) {
            EXPECT_EQ(error.code, Exit::usage) << bad;
        }
    }
}

TEST(Days, CountFromTheDayOfTheOrigin) {
    const auto origin = parse_utc("2013-04-11T18:00:00Z");
    EXPECT_EQ(days_since(origin, parse_utc("2013-04-11T00:00:00Z")), 0);
    EXPECT_EQ(days_since(origin, parse_utc("2013-04-11T23:59:59.999999Z")), 0);
    EXPECT_EQ(days_since(origin, parse_utc("2013-04-12T00:00:00Z")), 1);
    EXPECT_EQ(days_since(origin, parse_utc("2013-04-10T23:59:59Z")), -1);
    EXPECT_EQ(days_since(origin, parse_utc("2014-04-11")), 365);
}

}  // namespace
}  // namespace hls::zarr
