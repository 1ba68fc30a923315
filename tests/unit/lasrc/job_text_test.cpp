// SPDX-License-Identifier: Apache-2.0
#include "lasrc/job_text.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace hls::lasrc {
namespace {

TEST(ParseAerosol, TakesItsThreeForms) {
    EXPECT_TRUE(std::holds_alternative<RetrieveAerosol>(parse_aerosol("retrieve")));
    EXPECT_EQ(std::get<FixedAerosol>(parse_aerosol("fixed:0.12")).aot550, 0.12f);
    EXPECT_EQ(std::get<FixedAerosol>(parse_aerosol("fixed:0.12")).eps, 1.5f);
    EXPECT_EQ(std::get<FixedAerosol>(parse_aerosol("fixed:0.12,2")).eps, 2.f);
    for (const char* text : {"", "fixed", "fixed:", "fixed:-1", "fixed:9", "fixed:.1,2,3", "none"})
        EXPECT_THROW(parse_aerosol(text), Error) << text;
}

TEST(ParseReflectiveBands, TakesListsAndRanges) {
    EXPECT_EQ(parse_reflective_bands("2-7"), (std::vector{2, 3, 4, 5, 6, 7}));
    EXPECT_EQ(parse_reflective_bands("4,1,4-5"), (std::vector{1, 4, 5}));
    for (const char* text : {"", "0", "8", "2-", "7-2", "2-3-4", "a", "2,,3"})
        EXPECT_THROW(parse_reflective_bands(text), Error) << text;
}

TEST(ParseAccepted, KnowsLevelsAndCategories) {
    EXPECT_EQ(parse_accepted("L1GT,T2"), (std::vector<std::string>{"L1GT", "T2"}));
    EXPECT_TRUE(parse_accepted("").empty());
    EXPECT_THROW(parse_accepted("L2SP"), Error);
}

}  // namespace
}  // namespace hls::lasrc
