// SPDX-License-Identifier: Apache-2.0
// The exit-code table is what schedulers act on: its rows must be complete and in order.
#include "core/error.hpp"

#include <gtest/gtest.h>

namespace hls {
namespace {

TEST(ExitTable, IsAscendingAndComplete) {
    int last = -1;
    for (const ExitInfo& info : exit_table()) {
        EXPECT_GT(static_cast<int>(info.code), last);
        last = static_cast<int>(info.code);
        EXPECT_FALSE(info.word.empty());
        EXPECT_FALSE(info.meaning.empty());
        EXPECT_FALSE(info.scheduler.empty());
    }
}

TEST(ExitTable, ClassesAreThoseOfTheScheduler) {
    EXPECT_EQ(exit_info(Exit::low_sun).klass, "expected");
    EXPECT_EQ(exit_info(Exit::bad_input).klass, "source");
    EXPECT_EQ(exit_info(Exit::missing_input).klass, "wait");
    EXPECT_EQ(exit_info(Exit::cannot_create).klass, "config");
    EXPECT_EQ(exit_info(Exit::terminated).klass, "infra");
    EXPECT_EQ(exit_info(Exit::io_error).klass, "resource");
}

TEST(ExitTable, UnknownCodesAreUnclassifiedFailures) {
    EXPECT_EQ(exit_info(static_cast<Exit>(139)).word, "failure");
}

TEST(Error, CarriesMessageAndHint) {
    const Error error{Exit::usage, "no such tile", "try 16RDV"};
    EXPECT_STREQ(error.what(), "no such tile");
    EXPECT_EQ(error.hint, "try 16RDV");
}

}  // namespace
}  // namespace hls
