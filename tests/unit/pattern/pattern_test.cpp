// SPDX-License-Identifier: Apache-2.0
#include "pattern/pattern.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "core/error.hpp"

namespace hls::pattern {
namespace {

TEST(Pattern, FindsNamedGroups) {
    const Pattern hls(
        R"(^HLSL30/.*/HLS\.L30\.(?<tile>T\w{5})\.(?<time>\d{7}T\d{6})\.v2\.0\.(?<band>B\d\d|Fmask)\.tif$)");
    const auto found =
        hls.match("HLSL30/2020/16/R/D/V/HLS.L30.T16RDV.2020214T161612.v2.0.Fmask.tif");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->at("tile"), "T16RDV");
    EXPECT_EQ(found->at("time"), "2020214T161612");
    EXPECT_EQ(found->at("band"), "Fmask");
    EXPECT_FALSE(hls.match("HLSL30/HLS.L30.T16RDV.2020214T161612.v2.0.SZA.tif"));
    EXPECT_EQ(hls.names(), (std::vector<std::string>{"band", "tile", "time"}));
}

TEST(Pattern, LeavesOutGroupsThatTookNoPart) {
    const Pattern pattern(R"((?<revision>Revised_)?(?<day>\d{8})\.nc)");
    EXPECT_EQ(pattern.match("20240101.nc")->count("revision"), 0U);
    EXPECT_EQ(pattern.match("Revised_20240101.nc")->at("revision"), "Revised_");
    EXPECT_FALSE(pattern.match(""));
}

TEST(Pattern, TakesTheAlternativeOfOneNameThatMatched) {
    const Pattern pattern(R"((?:^a(?<time>\d{4})$)|(?:^b(?<time>\d{8})$))");
    EXPECT_EQ(pattern.match("a2024")->at("time"), "2024");
    EXPECT_EQ(pattern.match("b20240102")->at("time"), "20240102");
}

TEST(Pattern, SaysWhereAMistakeIs) {
    try {
        Pattern("abc(");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::usage);
        EXPECT_NE(error.message.find("character 5"), std::string::npos) << error.message;
    }
}

TEST(Pattern, GivesUpOnExponentialWork) {
    const Pattern evil("^(a+)+$");
    // Without a limit this would take longer than the universe is old.
    try {
        evil.match(std::string(60, 'a') + "b");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::bad_input);
    }
}

TEST(Pattern, TakesBytesThatAreNoText) {
    const Pattern pattern("(?<tail>.)$");
    EXPECT_EQ(pattern.match(std::string_view("a\0\xff", 3))->at("tail"), "\xff");
}

}  // namespace
}  // namespace hls::pattern
