// SPDX-License-Identifier: Apache-2.0
// Where the sun stands over a scene: one direction to it, seen from a round Earth.
#pragma once

#include "geo/utm.hpp"
#include "simulate/scene_request.hpp"

namespace hls::simulate {

struct SunAngles {
    double zenith_deg;
    double azimuth_deg;  // clockwise from north, within 180 of the scene centre's
};

class SunOverScene {
 public:
    SunOverScene() = default;
    // The zenith at `center` is the one the world asks for, if it does.
    SunOverScene(const WorldRequest& world, geo::LonLat center);

    SunAngles at(geo::LonLat place) const noexcept;
    double center_zenith_deg() const { return zenith_; }
    double center_azimuth_deg() const { return azimuth_; }  // (-180, 180]

 private:
    double zenith_ = 0, azimuth_ = 0;
    double direction_[3] = {};  // unit vector, Earth-fixed
};

// Into (-180, 180].
double wrap_azimuth(double degrees) noexcept;

// Course of a descending ground track, clockwise from north in radians: that of an orbit whose
// inclination has this cosine, turned westward by the Earth's rotation.
double track_heading_rad(double cos_inclination, double latitude_deg) noexcept;

// View zenith on the ground in radians at a distance from the track, signed as the distance is.
double view_zenith_rad(double across_m, double orbit_height_m) noexcept;

}  // namespace hls::simulate
