// SPDX-License-Identifier: Apache-2.0
// What takes the place of a product that is gone; boxes across the antimeridian.
#include "fetch/successor.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "fetch/box.hpp"
#include "fetch/worst_exit.hpp"

namespace hls::fetch {
namespace {

TEST(Successor, LandsatTakesTheBestOfItsDay) {
    const std::string rt = "LC08_L1TP_033027_20240307_20240307_02_RT";
    const std::string t1 = "LC08_L1TP_033027_20240307_20240315_02_T1";
    const std::string t2 = "LC08_L1GT_033027_20240307_20240315_02_T2";
    EXPECT_EQ(best_landsat_successor(rt, {t2, t1, rt}), t1);
    EXPECT_EQ(best_landsat_successor(rt, {t2}), t2);
    EXPECT_EQ(best_landsat_successor(rt, {"LC08_L1TP_033027_20240307_20240316_02_T1", t1}),
              "LC08_L1TP_033027_20240307_20240316_02_T1");
    // Another day, satellite, place or level than Level-1 counts for nothing.
    EXPECT_EQ(best_landsat_successor(rt, {"LC08_L1TP_033027_20240308_20240315_02_T1",
                                          "LC09_L1TP_033027_20240307_20240315_02_T1",
                                          "LC08_L1TP_033028_20240307_20240315_02_T1", "junk"}),
              "");
}

GranuleRecord product(const std::string& baseline, const std::string& made,
                      const std::string& start = {}) {
    GranuleRecord record;
    record.id = "S2A_MSIL1C_20240912T112541_N" + baseline + "_R137_T28PHQ_" + made;
    if (!start.empty())
        record.datastrip = "S2A_OPER_MSI_L1C_DS_2APS_20240912T133420_S" + start + "_N05.11";
    return record;
}

TEST(Successor, Sentinel2TakesTheHighestBaselineOfTheSameImage) {
    const std::string gone = product("0500", "20240912T130000").id;
    const auto best = [&](std::vector<GranuleRecord> present, bool historic = false,
                          const std::string& strip = {}) {
        const auto* found = best_sentinel2_successor(gone, strip, present, historic);
        return found == nullptr ? std::string{} : found->id.substr(27, 5);
    };
    EXPECT_EQ(best({product("0510", "20240912T140000"), product("0511", "20240912T135000")}),
              "N0511");
    EXPECT_EQ(best({}), "");
    // Reprocessed more than 30 days later: only when asked for.
    EXPECT_EQ(best({product("0520", "20250912T140000")}), "");
    EXPECT_EQ(best({product("0520", "20250912T140000"), product("0511", "20240912T140000")}, true),
              "N0520");
    auto other = product("0511", "20240912T140000");
    other.id.replace(other.id.find("28PHQ"), 5, "28PHR");
    EXPECT_EQ(best({other}), "");
    // Twins are two images.
    const std::vector<GranuleRecord> twins{product("0511", "20240912T140000", "20240912T112539"),
                                           product("0510", "20240912T140001", "20240912T112700")};
    EXPECT_THROW(best(twins), Error);
    EXPECT_EQ(best(twins, false, twins[1].datastrip), "N0510");
}

TEST(Successor, StartOfADatastrip) {
    EXPECT_EQ(datastrip_start(product("0511", "20240912T140000", "20240912T112539").datastrip),
              "20240912T112539");
    EXPECT_EQ(datastrip_start("x"), "");
    EXPECT_EQ(datastrip_start(""), "");
}

TEST(Box, AcrossTheAntimeridian) {
    const auto box = box_around({{179, 1}, {-179, 2}, {178, 3}});
    ASSERT_TRUE(box);
    EXPECT_EQ(*box, (Box{178, 1, -179, 3}));
    EXPECT_TRUE(boxes_meet(*box, {-180, 0, -179.5, 2}));
    EXPECT_TRUE(boxes_meet({170, 0, 178.5, 2}, *box));
    EXPECT_FALSE(boxes_meet(*box, {-178, 0, 177, 2}));
    EXPECT_FALSE(boxes_meet(*box, {178, 4, 179, 5}));
    EXPECT_TRUE(boxes_meet(*box, {175, 0, -175, 9}));
    EXPECT_EQ(plain_boxes(*box).size(), 2u);
    EXPECT_EQ(plain_boxes({1, 2, 3, 4}).size(), 1u);
    EXPECT_FALSE(box_around({}));
}

TEST(WorstExit, WhatHasToBeDoneFirst) {
    EXPECT_EQ(worse(Exit::ok, Exit::temporary), Exit::temporary);
    EXPECT_EQ(worse(Exit::permission, Exit::bad_input), Exit::permission);
    EXPECT_EQ(worse(Exit::usage, Exit::permission), Exit::usage);
    EXPECT_EQ(worse(Exit::not_accepted, Exit::temporary), Exit::temporary);
    EXPECT_EQ(worse(Exit::ok, Exit::internal), Exit::internal);
}

}  // namespace
}  // namespace hls::fetch
