// SPDX-License-Identifier: Apache-2.0
// UTM against PROJ 9.1 (extended transverse Mercator), and against itself.
#include "geo/utm.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace hls::geo {
namespace {

struct Case {
    UtmZone zone;
    LonLat place;
    EastNorth point;
};

const Case kProj[] = {
    {{32, false}, {9, 0}, {500000.000000, 0.000000}},
    {{32, false}, {12.4924, 41.8902}, {789748.665060, 4643485.524607}},
    {{32, false}, {14.9, 84}, {568734.617345, 9331616.579010}},
    {{32, false}, {3.001, -79.9}, {382755.651311, -8876472.947391}},
    {{1, true}, {-176, -60}, {555776.266752, 3348167.264566}},
    {{1, false}, {179.5, 65}, {335017.680624, 7213023.485878}},
    {{16, false}, {-80, 30}, {1175979.274088, 3339497.096893}},
    {{50, false}, {115.812356202425, -29.251187167436}, {384600, -3236400}},
    {{50, false}, {118.221717548632, -31.356888808373}, {616200, -3469800}},
    {{19, false}, {-71.736032655253, -9.939675515697}, {199980, -1099980}},
    {{1, true}, {179.362845521960, -9.028523410452}, {100000, 9000000}},
    {{33, false}, {10.562218944982, 78.339009352542}, {399960, 8700000}},
};

TEST(Utm, ForwardAgreesWithProj) {
    for (const auto& c : kProj) {
        const auto point = Utm(c.zone).forward(c.place);
        EXPECT_NEAR(point.x_m, c.point.x_m, 2e-6) << c.zone.zone;
        EXPECT_NEAR(point.y_m, c.point.y_m, 2e-6) << c.zone.zone;
    }
}

TEST(Utm, InverseAgreesWithProj) {
    for (const auto& c : kProj) {
        const auto place = Utm(c.zone).inverse(c.point);
        EXPECT_NEAR(place.lon_deg, c.place.lon_deg, 1e-10) << c.zone.zone;
        EXPECT_NEAR(place.lat_deg, c.place.lat_deg, 1e-11) << c.zone.zone;
    }
}

TEST(Utm, InverseUndoesForwardEverywhere) {
    for (int zone = 1; zone <= 60; zone += 7)
        for (double lat = -84; lat <= 84; lat += 7)
            for (double offset = -6; offset <= 6; offset += 1.5) {
                const Utm utm({zone, lat < 0});
                const LonLat place{std::remainder(6.0 * zone - 183 + offset, 360.0), lat};
                const auto back = utm.inverse(utm.forward(place));
                EXPECT_NEAR(std::remainder(back.lon_deg - place.lon_deg, 360.0), 0, 1e-12);
                EXPECT_NEAR(back.lat_deg, lat, 1e-12);
            }
}

// Published corners of LC09_L1TP_112081_20220209 (MTL), given to 1e-5 deg.
TEST(Utm, AgreesWithCornersInAnMtl) {
    const Utm utm({50, false});
    EXPECT_NEAR(utm.inverse({384600, -3236400}).lat_deg, -29.25119, 5.1e-6);
    EXPECT_NEAR(utm.inverse({384600, -3236400}).lon_deg, 115.81236, 5.1e-6);
    EXPECT_NEAR(utm.inverse({616200, -3469800}).lat_deg, -31.35689, 5.1e-6);
    EXPECT_NEAR(utm.inverse({616200, -3469800}).lon_deg, 118.22172, 5.1e-6);
}

TEST(UtmEpsg, CodesAndZones) {
    EXPECT_EQ(utm_epsg({16, false}), 32616);
    EXPECT_EQ(utm_epsg({60, true}), 32760);
    EXPECT_EQ(utm_zone_of_epsg(32601), (UtmZone{1, false}));
    EXPECT_EQ(utm_zone_of_epsg(32760), (UtmZone{60, true}));
    for (const int other : {0, -1, 4326, 3031, 32600, 32661, 32700, 32761, 32816, 132616})
        EXPECT_FALSE(utm_zone_of_epsg(other).has_value()) << other;
}

}  // namespace
}  // namespace hls::geo
