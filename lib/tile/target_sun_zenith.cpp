// SPDX-License-Identifier: Apache-2.0
#include "tile/target_sun_zenith.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

namespace hls::tile {
namespace {

constexpr double kDegree = std::numbers::pi / 180;

struct Orbit {
    double inclination_deg;
    double node_time_h;  // local time of the descending node
};
constexpr Orbit kLandsat{98.2, 10.18333333333};
constexpr Orbit kSentinel2{98.62, 10.5};

// Days from 2000-01-01 12:00 UT to `hour` of a day, a Julian date less 2451545.
double days_since_2000(int year, int day_of_year, double hour) noexcept {
    using namespace std::chrono;
    const sys_days first{std::chrono::year{year} / January / 1};
    const auto whole = (first - sys_days{std::chrono::year{2000} / January / 1}).count();
    return static_cast<double>(whole + day_of_year - 1) - 0.5 + hour / 24;
}

double psa_sun_zenith_deg(geo::LonLat place, int year, int day_of_year, double hour) noexcept {
    constexpr double kEarthRadiusKm = 6371.007181;
    constexpr double kAstronomicalUnitKm = 149597890;
    const double n = days_since_2000(year, day_of_year, hour);
    const double omega = 2.1429 - 0.0010394594 * n;
    const double mean_longitude = 4.8950630 + 0.017202791698 * n;
    const double anomaly = 6.2400600 + 0.0172019699 * n;
    const double longitude = mean_longitude + 0.03341607 * std::sin(anomaly) +
                             0.00034894 * std::sin(2 * anomaly) - 0.0001134 -
                             0.0000203 * std::sin(omega);
    const double obliquity = 0.4090928 - 6.2140e-9 * n + 0.0000396 * std::cos(omega);
    const double right_ascension =
        std::atan2(std::cos(obliquity) * std::sin(longitude), std::cos(longitude));
    const double declination = std::asin(std::sin(obliquity) * std::sin(longitude));
    const double sidereal_h = 6.6974243242 + 0.0657098283 * n + hour;
    const double hour_angle = (sidereal_h * 15 + place.lon_deg) * kDegree - right_ascension;
    const double latitude = place.lat_deg * kDegree;
    const double zenith =
        std::acos(std::cos(latitude) * std::cos(hour_angle) * std::cos(declination) +
                  std::sin(declination) * std::sin(latitude));
    const double parallax = kEarthRadiusKm / kAstronomicalUnitKm * std::sin(zenith);
    return (zenith + parallax) / kDegree;
}

double overpass_zenith_deg(const Orbit& orbit, geo::LonLat place, int year,
                           int day_of_year) noexcept {
    const double along =
        std::asin(std::tan(place.lat_deg * kDegree) / std::tan(orbit.inclination_deg * kDegree));
    const double local_h = orbit.node_time_h - along / kDegree / 15;
    double hour = local_h - place.lon_deg / 15;
    // NASA's programs never leave the year.
    if (hour > 24) {
        day_of_year = std::min(day_of_year + 1, 365);
        hour -= 24;
    } else if (hour < 0) {
        day_of_year = std::max(day_of_year - 1, 1);
        hour += 24;
    }
    return psa_sun_zenith_deg(place, year, day_of_year, hour);
}

}  // namespace

std::optional<double> target_sun_zenith_deg(geo::LonLat center, int year,
                                            int day_of_year) noexcept {
    if (center.lat_deg > kHighestTargetLatitude) return std::nullopt;
    const double zenith = (overpass_zenith_deg(kLandsat, center, year, day_of_year) +
                           overpass_zenith_deg(kSentinel2, center, year, day_of_year)) /
                          2;
    if (std::isnan(zenith)) return std::nullopt;
    return zenith;
}

}  // namespace hls::tile
