// SPDX-License-Identifier: Apache-2.0
#include "simulate/sentinel_geometry.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"

namespace hls::simulate {
namespace {

TEST(SentinelRequest, NamesAreThoseOfTheProducts) {
    SentinelRequest request;
    EXPECT_EQ(request.product_id(), "S2A_MSIL1C_20210715T171031_N0511_R069_T14SPJ_20210715T211732");
    const auto id = granule::parse_sentinel2_product_id(request.product_id());
    ASSERT_TRUE(id);
    EXPECT_EQ(granule::format_sentinel2_product_id(*id), request.product_id());
    const auto tile = granule::parse_sentinel2_oper_id(request.tile_oper_id());
    ASSERT_TRUE(tile);
    EXPECT_EQ(tile->tile, "14SPJ");
    EXPECT_EQ(tile->absolute_orbit, 31656);
    const auto strip = granule::parse_sentinel2_oper_id(request.datastrip_oper_id());
    ASSERT_TRUE(strip);
    EXPECT_EQ(strip->kind, 'D');
}

// What orchestration calls twins: the same up to the last six characters.
TEST(SentinelRequest, TwinsDifferInTheTimeOfTheirMaking) {
    SentinelRequest north, south;
    north.datastrip = Datastrip::northern;
    south.datastrip = Datastrip::southern;
    const std::string a = north.product_id(), b = south.product_id();
    EXPECT_NE(a, b);
    EXPECT_EQ(a.substr(0, a.size() - 6), b.substr(0, b.size() - 6));
    EXPECT_NE(north.granule_id(), south.granule_id());
}

TEST(SentinelRequest, RefusesWhatCannotBe) {
    const auto refused = [](auto change) {
        SentinelRequest request;
        change(request);
        try {
            request.validate();
        } catch (const Error& error) {
            return error.code;
        }
        return Exit::ok;
    };
    EXPECT_EQ(refused([](SentinelRequest&) {}), Exit::ok);
    EXPECT_EQ(refused([](SentinelRequest& r) { r.rows = 100; }), Exit::usage);
    EXPECT_EQ(refused([](SentinelRequest& r) { r.cols = 10986; }), Exit::usage);
    EXPECT_EQ(refused([](SentinelRequest& r) { r.tile = "14SXX"; }), Exit::usage);
    EXPECT_EQ(refused([](SentinelRequest& r) { r.utm_zone = 15; }), Exit::usage);
    EXPECT_EQ(refused([](SentinelRequest& r) { r.baseline = {2, 1}; }), Exit::usage);
    EXPECT_EQ(refused([](SentinelRequest& r) { r.satellite = "S2Z"; }), Exit::not_accepted);
}

TEST(SentinelGeometry, SouthernTilesHaveFalseNorthings) {
    SentinelRequest request;
    request.tile = "55JEJ";
    request.utm_zone = 55;
    EXPECT_EQ(request.grid(10), (io::Grid{10980, 10980, 499980, 6900040, 10, 32755}));
    EXPECT_EQ(request.extent().north, 6900040 - 1e7);
}

// Angles of the real product of this tile: detector 8 sees 2.0 to 4.0 degrees across the track, B06
// from 1.6 degrees behind, at azimuths of 305 to 321; B02 only 0.8 behind.
TEST(SentinelGeometry, DetectorsLookAsThoseOfARealProduct) {
    SentinelRequest request;
    request.tile = "55JEJ";
    request.utm_zone = 55;
    const SentinelGeometry geometry(request);
    const auto borders = geometry.borders_m(8, 5);
    EXPECT_NEAR(SentinelGeometry::across_deg(borders[0]), 1.96, 0.02);
    EXPECT_NEAR(SentinelGeometry::across_deg(borders[1]), 3.92, 0.02);
    EXPECT_NEAR(borders[1] - borders[0], 24000, 1500);
    EXPECT_NEAR(SentinelGeometry::along_deg(5, 8), -1.611, 0.01);
    EXPECT_NEAR(SentinelGeometry::along_deg(5, 9), 1.121, 0.01);
    EXPECT_NEAR(SentinelGeometry::along_deg(1, 8), -0.780, 0.01);
    const MsiView west = geometry.view(borders[0], 5, 8), east = geometry.view(borders[1], 5, 8);
    EXPECT_NEAR(west.zenith_deg, 2.55, 0.1);
    EXPECT_NEAR(west.azimuth_deg, 321.5, 3);
    EXPECT_NEAR(east.zenith_deg, 4.25, 0.1);
    EXPECT_NEAR(east.azimuth_deg, 305, 3);
    EXPECT_EQ(geometry.detector((borders[0] + borders[1]) / 2, 5), 8);
}

TEST(SentinelGeometry, TheSwathIs290KilometresWide) {
    const SentinelGeometry geometry{SentinelRequest()};
    EXPECT_NEAR(geometry.borders_m(12, 1)[1] - geometry.borders_m(1, 1)[0], 290e3, 8e3);
    EXPECT_EQ(geometry.detector(geometry.borders_m(1, 1)[0] - 1, 1), 0);
    EXPECT_EQ(geometry.detector(geometry.borders_m(1, 1)[0] + 1, 1), 1);
    EXPECT_EQ(geometry.detector(geometry.borders_m(12, 1)[1] + 1, 1), 0);
}

TEST(SentinelGeometry, SeamInTheMiddleOfARasterOnTheTrack) {
    const SentinelRequest request;
    const SentinelGeometry geometry(request);
    const MapBox box = request.extent();
    const double x = (box.west + box.east) / 2, y = (box.south + box.north) / 2;
    EXPECT_NEAR(geometry.across_m(x, y), 0, 1e-6);
    EXPECT_EQ(geometry.detector(geometry.across_m(x - 500, y), 1), 6);
    EXPECT_EQ(geometry.detector(geometry.across_m(x + 500, y), 1), 7);
    // Down the track is south by west.
    EXPECT_GT(geometry.along_m(x - 1000, y - 5000), 4000);
}

}  // namespace
}  // namespace hls::simulate
