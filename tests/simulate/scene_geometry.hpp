// SPDX-License-Identifier: Apache-2.0
// Where sun and satellite stand for every pixel, and which pixels the swath covers.
#pragma once

#include "geo/utm.hpp"
#include "simulate/scene_request.hpp"
#include "simulate/sun_over_scene.hpp"

namespace hls::simulate {

struct PixelAngles {
    double sun_zenith_deg;
    double sun_azimuth_deg;  // clockwise from north, within 180 of the scene centre's
    double view_signed_deg;  // view zenith; positive east of the ground track
    geo::LonLat place;
};

// A descending Landsat orbit, 705 km up, straight over the scene; one direction to the sun for the
// whole scene, seen from a round Earth.
class SceneGeometry {
 public:
    explicit SceneGeometry(const SceneRequest& request);

    // Of pixel centre (row, col); fractions and places outside the raster are fine.
    PixelAngles at(double row, double col) const noexcept;

    double center_sun_zenith_deg() const { return sun_.center_zenith_deg(); }
    double center_sun_azimuth_deg() const { return sun_.center_azimuth_deg(); }
    // Azimuth of the satellite seen from east of the track (-180, 180]; from west it is opposite.
    double view_azimuth_deg(bool east_of_track) const;
    // Inside the slanted swath; always true without a swath edge.
    bool covers(int row, int col) const noexcept;
    geo::LonLat center() const { return center_; }

 private:
    geo::EastNorth map_position(double row, double col) const noexcept;
    void shape_swath(const SceneRequest& request);

    io::Grid grid_;
    geo::Utm utm_;
    geo::LonLat center_;
    SunOverScene sun_;
    double heading_rad_ = 0;  // of the ground track
    double track_offset_m_ = 0;
    bool edge_ = false;
    double half_width_px_ = 0, half_length_px_ = 0;
};

}  // namespace hls::simulate
