// SPDX-License-Identifier: Apache-2.0
// Where the sun stands.
#pragma once

#include "core/time.hpp"
#include "geo/utm.hpp"

namespace hls::geo {

struct SunPosition {
    double zenith_deg = 0;   // geometric, without refraction
    double azimuth_deg = 0;  // clockwise from north, [0, 360)
};

// Within 0.01 deg for 1950-2050, from the low precision solar coordinates of Meeus (Astronomical
// Algorithms, 2nd ed., chapter 25) and apparent sidereal time; parallax is left out (0.0024 deg).
SunPosition sun_position(UtcTime time, LonLat place) noexcept;

}  // namespace hls::geo
