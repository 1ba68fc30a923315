// SPDX-License-Identifier: Apache-2.0
// Exact queries: rows in their order, the azimuth convention, limits, threads.
#include "atmosphere/exact.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace hls::atmosphere {
namespace {

// sixs_converged.csv, urban clean, AOT .01.
const std::vector<ExactQuery> kRows{{.443, .01, 1013, 20, 4, 60},
                                    {.865, .2, 900, 40, 8, 90},
                                    {.443, .01, 1013, 40, 8, 0},
                                    {.443, .01, 1013, 55, 12, 180}};

TEST(Exact, ReferenceRowsInTheirOrder) {
    const auto answers = solve_exactly(kRows, 1);
    ASSERT_EQ(answers.size(), 4U);
    EXPECT_NEAR(answers[0].rho_path, .092901, 3e-4);
    EXPECT_NEAR(answers[2].rho_path, .102250, 3e-4);
    EXPECT_NEAR(answers[3].rho_path, .092890, 3e-4);
    EXPECT_NEAR(answers[0].t_down, .885552, 2e-4);
    EXPECT_NEAR(answers[0].t_up, .891559, 2e-4);
    EXPECT_NEAR(answers[0].spherical_albedo, .174151, 4e-4);
}

TEST(Exact, SameForAnyThreadCount) {
    const auto one = solve_exactly(kRows, 1), two = solve_exactly(kRows, 2);
    for (std::size_t i = 0; i < kRows.size(); ++i) {
        EXPECT_EQ(one[i].rho_path, two[i].rho_path);
        EXPECT_EQ(one[i].t_down, two[i].t_down);
        EXPECT_EQ(one[i].t_up, two[i].t_up);
        EXPECT_EQ(one[i].spherical_albedo, two[i].spherical_albedo);
    }
}

TEST(Exact, NoAerosolIsRayleigh) {
    const std::vector<ExactQuery> rows{{.55, 0, 1013, 30, 5, 0}, {.55, 1e-6, 1013, 30, 5, 0}};
    const auto answers = solve_exactly(rows, 1);
    EXPECT_NEAR(answers[0].rho_path, answers[1].rho_path, 2e-6);
    EXPECT_NEAR(answers[0].t_down, answers[1].t_down, 2e-6);
}

TEST(Exact, AzimuthDoesNotMatterAtNadir) {
    const std::vector<ExactQuery> rows{{.55, .3, 1013, 30, 0, 0}, {.55, .3, 1013, 30, 0, 137}};
    const auto answers = solve_exactly(rows, 1);
    EXPECT_NEAR(answers[0].rho_path, answers[1].rho_path, 1e-7);
}

TEST(Exact, ValueOutOfRangeNamesTheRow) {
    std::vector<ExactQuery> rows = kRows;
    rows[1].sza_deg = 95;
    try {
        solve_exactly(rows, 1);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::bad_input);
        EXPECT_NE(error.message.find("row 2: sza_deg is 95"), std::string::npos) << error.message;
    }
}

TEST(Exact, NoRows) {
    EXPECT_TRUE(solve_exactly({}, 2).empty());
}

}  // namespace
}  // namespace hls::atmosphere
