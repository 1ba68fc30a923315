// SPDX-License-Identifier: Apache-2.0
#include "simulate/sun_over_scene.hpp"

#include <cmath>
#include <numbers>

#include "geo/sun.hpp"

namespace hls::simulate {
namespace {

constexpr double kDegree = std::numbers::pi / 180;
constexpr double kEarthRadiusM = 6371e3;
constexpr double kEquatorToGroundSpeed = 465.0 / 6790.0;

// Directions east, north and up at a place, in Earth-fixed coordinates.
struct LocalFrame {
    double east[3], north[3], up[3];
};

LocalFrame frame_at(geo::LonLat place) noexcept {
    const double lon = place.lon_deg * kDegree;
    const double lat = place.lat_deg * kDegree;
    const double sl = std::sin(lon), cl = std::cos(lon);
    const double sp = std::sin(lat), cp = std::cos(lat);
    return {{-sl, cl, 0}, {-sp * cl, -sp * sl, cp}, {cp * cl, cp * sl, sp}};
}

double dot(const double (&a)[3], const double (&b)[3]) noexcept {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

}  // namespace

double wrap_azimuth(double degrees) noexcept {
    const double wrapped = std::remainder(degrees, 360);
    return wrapped <= -180 ? wrapped + 360 : wrapped;
}

double track_heading_rad(double cos_inclination, double latitude_deg) noexcept {
    const double cos_lat = std::cos(latitude_deg * kDegree);
    const double ratio = std::fmax(-1, cos_inclination / std::fmax(cos_lat, 1e-9));
    return std::numbers::pi - std::asin(ratio) + std::atan(kEquatorToGroundSpeed * cos_lat);
}

double view_zenith_rad(double across_m, double orbit_height_m) noexcept {
    const double arc = across_m / kEarthRadiusM;
    const double nadir_angle = std::atan2(kEarthRadiusM * std::sin(arc),
                                          orbit_height_m + kEarthRadiusM * (1 - std::cos(arc)));
    return nadir_angle + arc;
}

SunOverScene::SunOverScene(const WorldRequest& world, geo::LonLat center) {
    const geo::SunPosition sun = geo::sun_position(world.sensed, center);
    zenith_ = world.sun_zenith_deg.value_or(sun.zenith_deg);
    azimuth_ = wrap_azimuth(sun.azimuth_deg);
    const LocalFrame frame = frame_at(center);
    const double zenith = zenith_ * kDegree;
    const double azimuth = azimuth_ * kDegree;
    for (int i = 0; i < 3; ++i)
        direction_[i] = std::sin(zenith) * (std::sin(azimuth) * frame.east[i] +
                                            std::cos(azimuth) * frame.north[i]) +
                        std::cos(zenith) * frame.up[i];
}

SunAngles SunOverScene::at(geo::LonLat place) const noexcept {
    const LocalFrame frame = frame_at(place);
    const double zenith = std::acos(std::fmin(1, dot(direction_, frame.up))) / kDegree;
    const double azimuth =
        std::atan2(dot(direction_, frame.east), dot(direction_, frame.north)) / kDegree;
    return {zenith, azimuth_ + wrap_azimuth(azimuth - azimuth_)};
}

}  // namespace hls::simulate
