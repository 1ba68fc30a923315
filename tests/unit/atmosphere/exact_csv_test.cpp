// SPDX-License-Identifier: Apache-2.0
#include "atmosphere/exact_csv.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "core/error.hpp"

namespace hls::atmosphere {
namespace {

constexpr const char* kHeader = "wavelength_um,aot550,pressure_hpa,sza_deg,vza_deg,raa_deg\n";

TEST(ExactCsv, ReadsRowsInOrderAndPassesOverEmptyLines) {
    std::istringstream csv(std::string(kHeader) +
                           "0.48,0.2,1013,30,4,90\r\n\n0.55, 0.1,900,0,0,0\n");
    const auto queries = read_exact_queries(csv);
    ASSERT_EQ(queries.size(), 2u);
    EXPECT_EQ(queries[0].wavelength_um, 0.48);
    EXPECT_EQ(queries[0].raa_deg, 90);
    EXPECT_EQ(queries[1].aot550, 0.1);
    EXPECT_EQ(queries[1].pressure_hpa, 900);
}

TEST(ExactCsv, RefusesWhatIsNotAQueryNamingTheLine) {
    for (const char* rows : {"1,2,3,4,5\n", "1,2,3,4,5,6,7\n", "1,2,3,4,5,x\n"}) {
        std::istringstream csv(std::string(kHeader) + "0.48,0.2,1013,30,4,90\n" + rows);
        try {
            read_exact_queries(csv);
            FAIL() << rows;
        } catch (const Error& error) {
            EXPECT_EQ(error.code, Exit::bad_input);
            EXPECT_NE(error.message.find("line 3"), std::string::npos);
        }
    }
    std::istringstream headless("0.48,0.2,1013,30,4,90\n");
    EXPECT_THROW(read_exact_queries(headless), Error);
}

TEST(ExactCsv, AnswersHaveAHeaderAndSevenDecimals) {
    const std::vector<ExactAnswer> answers{{0.1, 0.9, 0.8, 0.05}};
    EXPECT_EQ(exact_answer_lines(answers),
              (std::vector<std::string>{"rho_path,t_down,t_up,spherical_albedo",
                                        "0.1000000,0.9000000,0.8000000,0.0500000"}));
}

}  // namespace
}  // namespace hls::atmosphere
