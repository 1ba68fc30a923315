// SPDX-License-Identifier: Apache-2.0
#include "core/time.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "core/error.hpp"

namespace hls {
namespace {

TEST(ParseUtc, TakesTheFormsOfTheAgencies) {
    EXPECT_EQ(format_utc(parse_utc("2020-08-26T14:53:01.1234567Z"), 6),
              "2020-08-26T14:53:01.123456Z");
    EXPECT_EQ(format_utc(parse_utc("2020-08-26")), "2020-08-26T00:00:00Z");
    EXPECT_EQ(format_utc(parse_utc("2020-08-26 14:53:01+00:00")), "2020-08-26T14:53:01Z");
    EXPECT_EQ(format_utc(parse_utc("2016-12-31T23:59:60Z")), "2017-01-01T00:00:00Z");
}

TEST(ParseUtc, RefusesEverythingElse) {
    for (const char* text : {"", "2020-13-01", "2020-02-30", "2020-8-26", "2020-08-26T25:00:00",
                             "2020-08-26T14:53", "2020-08-26Tx", "2020-08-26T14:53:01+02:00"})
        EXPECT_THROW(parse_utc(text), Error) << text;
}

TEST(CivilDate, CountsDaysOfTheYear) {
    EXPECT_EQ(civil_date(parse_utc("2020-06-29")).day_of_year, 181);  // leap year
    EXPECT_EQ(civil_date(parse_utc("2021-12-31T23:59:59Z")).day_of_year, 365);
    EXPECT_EQ(civil_date(parse_utc("2021-03-01")).month, 3);
}

TEST(ProcessingTime, ObeysSourceDateEpoch) {
    ::setenv("SOURCE_DATE_EPOCH", "1600000000", 1);
    EXPECT_EQ(format_utc(processing_time()), "2020-09-13T12:26:40Z");
    ::setenv("SOURCE_DATE_EPOCH", "yesterday", 1);
    EXPECT_THROW(processing_time(), Error);
    ::unsetenv("SOURCE_DATE_EPOCH");
}

}  // namespace
}  // namespace hls
