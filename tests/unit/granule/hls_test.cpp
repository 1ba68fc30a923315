// SPDX-License-Identifier: Apache-2.0
// HLS names: what is parsed is printed again, and nothing else is taken for a name.
#include "granule/hls.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace hls::granule {
namespace {

TEST(HlsId, ComesFromTheSensingTimeCutToTheSecond) {
    const auto id = make_hls_id(HlsSensor::l30, "19LBJ", parse_utc("2020-08-26T14:45:56.7059220Z"));
    EXPECT_EQ(format_hls_id(id), "HLS.L30.T19LBJ.2020239T144556.v2.0");
    EXPECT_EQ(producer_granule_id(id), "HLS.L30.T19LBJ.2020239T144556");
    EXPECT_EQ(hls_layer_file(id, "Fmask"), "HLS.L30.T19LBJ.2020239T144556.v2.0.Fmask.tif");
}

TEST(HlsId, ParsesWhatItPrints) {
    for (const std::string_view name :
         {"HLS.L30.T16RDV.2020181T161234.v2.0", "HLS.S30.T35VLJ.2021168T100559.v2.0",
          "HLS-VI.L30.T06WVS.2024120T211159.v2.0", "HLS.S30.T01CCV.2024366T235959.v2.0"}) {
        const auto id = parse_hls_id(name);
        ASSERT_TRUE(id) << name;
        EXPECT_EQ(format_hls_id(*id), name);
    }
    EXPECT_TRUE(parse_hls_id("HLS-VI.S30.T13RCN.2024128T173909.v2.0")->vi);
}

TEST(HlsId, RefusesOtherNames) {
    for (const std::string_view name :
         {"", "HLS", "HLS.L30.16RDV.2020181T161234.v2.0", "HLS.L30.T16RDV.2020181T161234.v1.5",
          "HLS.L30.T61RDV.2020181T161234.v2.0", "HLS.L30.T16IDV.2020181T161234.v2.0",
          "HLS.L30.T16RDV.2020000T161234.v2.0", "HLS.L30.T16RDV.2021366T161234.v2.0",
          "HLS.L30.T16RDV.2020181T241234.v2.0", "HLS.L30.T16RDV.2020181T161234.v2.0.B01",
          "HLS.L8.T16RDV.2020181T161234.v2.0", "HLS.L30.T16RDV.2020181.161234.v2.0",
          "HLS.L30.T16RDV.20201.1T161234.v2.0", "hls.L30.T16RDV.2020181T161234.v2.0"})
        EXPECT_FALSE(parse_hls_id(name)) << name;
}

TEST(HlsId, NeedsATile) {
    EXPECT_THROW(make_hls_id(HlsSensor::l30, "T19LBJ", UtcTime{}), Error);
    EXPECT_THROW(make_hls_id(HlsSensor::l30, "00LBJ", UtcTime{}), Error);
}

TEST(HlsLayerFile, SplitsIntoIdAndLayer) {
    const auto file = parse_hls_layer_file("HLS.S30.T35VLJ.2021168T100559.v2.0.B8A.tif");
    ASSERT_TRUE(file);
    EXPECT_EQ(file->layer, "B8A");
    EXPECT_EQ(hls_layer_file(file->id, file->layer), "HLS.S30.T35VLJ.2021168T100559.v2.0.B8A.tif");
    EXPECT_FALSE(parse_hls_layer_file("HLS.S30.T35VLJ.2021168T100559.v2.0.jpg"));
    EXPECT_FALSE(parse_hls_layer_file("HLS.S30.T35VLJ.2021168T100559.v2.0..tif"));
    EXPECT_FALSE(parse_hls_layer_file("HLS.S30.T35VLJ.2021168T100559.v2.0.tif"));
    EXPECT_FALSE(parse_hls_layer_file("HLS.S30.T35VLJ.2021168T100559.v2.0.a/b.tif"));
}

}  // namespace
}  // namespace hls::granule
