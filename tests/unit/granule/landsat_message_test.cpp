// SPDX-License-Identifier: Apache-2.0
#include "granule/landsat_message.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace hls::granule {
namespace {

constexpr const char* kMessage =
    R"({"landsat_product_id":"LC09_L1TP_112081_20220209_20220209_02_T1",)"
    R"("s3_location":"s3://usgs-landsat/x/","further":[1]})";

TEST(LandsatMessage, BareAndInItsWrappings) {
    const LandsatMessage bare = parse_landsat_message(kMessage, "m");
    EXPECT_EQ(bare.product_id, "LC09_L1TP_112081_20220209_20220209_02_T1");
    EXPECT_EQ(bare.s3_location, "s3://usgs-landsat/x/");
    EXPECT_EQ(bare.id.wrs_path, 112);
    EXPECT_EQ(bare.id.wrs_row, 81);
    const std::string text =
        R"("{\"landsat_product_id\":\"LC09_L1TP_112081_20220209_20220209_02_T1\"}")";
    for (const std::string& json : {R"({"Type":"Notification","Message":)" + text + "}",
                                    R"({"Records":[{"Sns":{"Message":)" + text + "}}]}"})
        EXPECT_EQ(parse_landsat_message(json, "m").id.wrs_row, 81) << json;
}

TEST(LandsatMessage, RefusesOthers) {
    for (const char* json : {"", "[]", "7", "{}", R"({"Message":"text"})", R"({"Records":[]})",
                             R"({"landsat_product_id":null})", R"({"landsat_product_id":"LC09"})",
                             R"({"Message":"{\"Message\":\"{}\"}"})"}) {
        try {
            parse_landsat_message(json, "inbox");
            ADD_FAILURE() << json;
        } catch (const Error& error) {
            EXPECT_EQ(error.code, Exit::bad_input);
            EXPECT_NE(error.message.find("inbox"), std::string::npos);
        }
    }
}

}  // namespace
}  // namespace hls::granule
