// SPDX-License-Identifier: Apache-2.0
// A coarse climatology in a few formulas, for when no ancillary files are at hand. It replaces what
// a day's files say with what is usual for the place and season, nothing more.
#pragma once

#include <chrono>

#include "ancillary/ancillary.hpp"
#include "ancillary/cmg.hpp"

namespace hls::ancillary {

// Total ozone in cm-atm: the formula of Van Heuklon, Solar Energy 22 (1979) 63-68, which depends on
// latitude, longitude and day of the year (1..366). About 10 % of the real value in the mean.
double ozone_climatology(GeoPoint point, int day_of_year);

// Water vapour column in g/cm2 (physical): the columns of the standard atmospheres (tropical 4.12,
// mid-latitude 2.93 summer / 0.853 winter, subarctic 2.10 / 0.419), between them linear in latitude
// and a cosine over the year with its summit in mid July (January in the south), and reduced by
// exp(-elevation / 2 km). Easily wrong by a factor of two on a given day.
double water_vapour_climatology(GeoPoint point, int day_of_year);

// Elevation in m: mean heights of the great highlands, rounded, as boxes; 0 elsewhere.
double elevation_climatology(GeoPoint point);

// Surface pressure in hPa at an elevation in m, as LaSRC computes it (lasrc.md 3).
float pressure_at(double elevation_m);

// The ratios the reference falls back on where its map cannot be trusted: coastal .550, blue .600,
// SWIR2 2.000 times red, whatever the index (lasrc.md 7.2).
inline constexpr RatioCell kDefaultRatios{0.f, .55f, 0.f, .6f, 0.f, 2.f, 0, 0};

}  // namespace hls::ancillary
