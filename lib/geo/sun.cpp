// SPDX-License-Identifier: Apache-2.0
#include "geo/sun.hpp"

#include <chrono>
#include <cmath>
#include <numbers>

namespace hls::geo {
namespace {

constexpr double kDegree = std::numbers::pi / 180;
// Terrestrial time is ahead of UTC by 64 s (2000) to 69 s (2020); the sun moves 1e-5 deg in 1 s.
constexpr double kTerrestrialMinusUtcDays = 69.0 / 86400;

double days_since_2000(UtcTime time) noexcept {
    using namespace std::chrono;
    constexpr sys_days kJ2000Day{January / 1 / 2000};
    const auto since = time - (UtcTime{kJ2000Day} + hours{12});
    return duration<double, std::ratio<86400>>(since).count();
}

struct Equatorial {
    double right_ascension;     // rad
    double declination;         // rad
    double nutation_right_asc;  // equation of the equinoxes, rad
};

Equatorial apparent_sun(double days) noexcept {
    const double t = (days + kTerrestrialMinusUtcDays) / 36525;
    const double mean_longitude = 280.46646 + t * (36000.76983 + t * 0.0003032);
    const double anomaly = (357.52911 + t * (35999.05029 - t * 0.0001537)) * kDegree;
    const double center = (1.914602 - t * (0.004817 + t * 0.000014)) * std::sin(anomaly) +
                          (0.019993 - t * 0.000101) * std::sin(2 * anomaly) +
                          0.000289 * std::sin(3 * anomaly);
    const double node = (125.04 - 1934.136 * t) * kDegree;
    const double nutation = -0.00478 * std::sin(node);  // deg, in longitude
    const double longitude = (mean_longitude + center - 0.00569 + nutation) * kDegree;
    const double obliquity =
        (23.439291 - t * (0.0130042 + t * (1.6e-7 - t * 5.04e-7)) + 0.00256 * std::cos(node)) *
        kDegree;
    return {std::atan2(std::cos(obliquity) * std::sin(longitude), std::cos(longitude)),
            std::asin(std::sin(obliquity) * std::sin(longitude)),
            nutation * std::cos(obliquity) * kDegree};
}

double sidereal_time(double days, double lon_deg) noexcept {
    const double t = days / 36525;
    const double greenwich = 280.46061837 + 360.98564736629 * days + t * t * 0.000387933;
    return std::remainder(greenwich + lon_deg, 360.0) * kDegree;
}

}  // namespace

SunPosition sun_position(UtcTime time, LonLat place) noexcept {
    const double days = days_since_2000(time);
    const Equatorial sun = apparent_sun(days);
    const double hour_angle =
        sidereal_time(days, place.lon_deg) + sun.nutation_right_asc - sun.right_ascension;
    const double latitude = place.lat_deg * kDegree;
    const double east = -std::cos(sun.declination) * std::sin(hour_angle);
    const double north = std::cos(latitude) * std::sin(sun.declination) -
                         std::sin(latitude) * std::cos(sun.declination) * std::cos(hour_angle);
    const double up = std::sin(latitude) * std::sin(sun.declination) +
                      std::cos(latitude) * std::cos(sun.declination) * std::cos(hour_angle);
    const double azimuth = std::atan2(east, north) / kDegree;
    return {std::atan2(std::hypot(east, north), up) / kDegree,
            azimuth < 0 ? azimuth + 360 : azimuth};
}

}  // namespace hls::geo
