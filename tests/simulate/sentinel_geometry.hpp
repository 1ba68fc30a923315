// SPDX-License-Identifier: Apache-2.0
// Where sun and MSI stand for every place of a tile, and which detector sees it.
#pragma once

#include <array>

#include "simulate/clouds.hpp"
#include "simulate/sentinel_request.hpp"
#include "simulate/sun_over_scene.hpp"

namespace hls::simulate {

struct MsiView {
    double zenith_deg, azimuth_deg;
};

// A descending orbit 786 km up. Twelve detectors side by side, 1 in the west, see 1.96 degrees
// each; those with even numbers look ahead, those with odd ones back, every band by its own angle.
class SentinelGeometry {
 public:
    static constexpr int kDetectors = 12;
    // The detectors see more than their share; footprints overlap by this on either side.
    static constexpr double kSharedM = 350;

    explicit SentinelGeometry(const SentinelRequest& request);

    const SunOverScene& sun() const { return sun_; }
    geo::LonLat place(double x_m, double y_m) const noexcept { return utm_.inverse({x_m, y_m}); }
    SunAngles sun_at(double x_m, double y_m) const noexcept { return sun_.at(place(x_m, y_m)); }

    // Distance east of the ground track; it changes linearly over the map.
    double across_m(double x_m, double y_m) const noexcept;
    // Distance from the centre of the raster down the track.
    double along_m(double x_m, double y_m) const noexcept;
    // 1..12, 0 outside the swath.
    int detector(double across_m, int band) const noexcept;
    // Western and eastern border of a detector as distances from the track, without the part it
    // shares.
    std::array<double, 2> borders_m(int detector, int band) const noexcept;
    // Whether the product's datastrip reaches here.
    bool in_strip(double along_m) const noexcept;

    // Signed view zenith across the track in degrees.
    static double across_deg(double across_m) noexcept;
    // Signed view zenith along the track: positive where the sensor is ahead of the place.
    static double along_deg(int band, int detector) noexcept;
    MsiView view(double across_m, int band, int detector) const noexcept;
    Slant slant(double across_m, int band, int detector) const noexcept;

    // Azimuth of the sensor east of the track.
    double east_azimuth_deg() const noexcept;
    double heading_rad() const { return heading_; }

 private:
    geo::Utm utm_;
    double center_x_, center_y_, offset_;
    double heading_;
    Datastrip strip_;
    double half_overlap_;
    SunOverScene sun_;
    std::array<double, kDetectors + 1> borders_;  // from the track, west to east
};

}  // namespace hls::simulate
