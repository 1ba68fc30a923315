// SPDX-License-Identifier: Apache-2.0
#include "simulate/scene_geometry.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include "geo/sun.hpp"

namespace hls::simulate {
namespace {

constexpr double kDegree = std::numbers::pi / 180;
constexpr double kOrbitHeightM = 705e3;
constexpr double kEarthRadiusM = 6371e3;
constexpr double kCosInclination = -0.1426;  // 98.2 deg
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

// Course of the descending ground track, clockwise from north: the orbit's own, turned westward by
// the Earth's rotation.
double track_heading_rad(double latitude_deg) noexcept {
    const double cos_lat = std::cos(latitude_deg * kDegree);
    const double ratio = std::fmax(-1, kCosInclination / std::fmax(cos_lat, 1e-9));
    return std::numbers::pi - std::asin(ratio) + std::atan(kEquatorToGroundSpeed * cos_lat);
}

// View zenith on the ground at a distance from the track.
double view_zenith_rad(double across_m) noexcept {
    const double arc = across_m / kEarthRadiusM;
    const double nadir_angle = std::atan2(kEarthRadiusM * std::sin(arc),
                                          kOrbitHeightM + kEarthRadiusM * (1 - std::cos(arc)));
    return nadir_angle + arc;
}

}  // namespace

double wrap_azimuth(double degrees) noexcept {
    const double wrapped = std::remainder(degrees, 360);
    return wrapped <= -180 ? wrapped + 360 : wrapped;
}

SceneGeometry::SceneGeometry(const SceneRequest& request)
    : grid_(request.grid()), utm_(geo::UtmZone{request.utm_zone, false}) {
    center_ = utm_.inverse(map_position((request.rows - 1) / 2.0, (request.cols - 1) / 2.0));
    const geo::SunPosition sun = geo::sun_position(request.sensed, center_);
    sun_zenith_ = request.sun_zenith_deg.value_or(sun.zenith_deg);
    sun_azimuth_ = wrap_azimuth(sun.azimuth_deg);
    const LocalFrame frame = frame_at(center_);
    const double zenith = sun_zenith_ * kDegree;
    const double azimuth = sun_azimuth_ * kDegree;
    for (int i = 0; i < 3; ++i)
        sun_[i] = std::sin(zenith) *
                      (std::sin(azimuth) * frame.east[i] + std::cos(azimuth) * frame.north[i]) +
                  std::cos(zenith) * frame.up[i];
    heading_rad_ = track_heading_rad(center_.lat_deg);
    track_offset_m_ = request.track_offset_m;
    edge_ = request.swath_edge;
    if (edge_) shape_swath(request);
}

// The rectangle along the track whose bounding box is the raster. A raster too long or too wide
// for one keeps the slanted left and right borders only.
void SceneGeometry::shape_swath(const SceneRequest& request) {
    const double tilt = std::fabs(heading_rad_ - std::numbers::pi);
    const double c = std::cos(tilt), s = std::sin(tilt), rows = request.rows, cols = request.cols;
    const double width = (cols * c - rows * s) / std::cos(2 * tilt);
    const double length = (rows * c - cols * s) / std::cos(2 * tilt);
    const bool fits = width > 0.3 * cols && length > 0.3 * rows && tilt < 0.6;
    half_width_px_ = (fits ? width : 0.8 * cols * c) / 2;
    half_length_px_ = fits ? length / 2 : std::numeric_limits<double>::infinity();
}

geo::EastNorth SceneGeometry::map_position(double row, double col) const noexcept {
    return {grid_.ulx_m + (col + 0.5) * grid_.pixel_m, grid_.uly_m - (row + 0.5) * grid_.pixel_m};
}

PixelAngles SceneGeometry::at(double row, double col) const noexcept {
    const geo::LonLat place = utm_.inverse(map_position(row, col));
    const LocalFrame frame = frame_at(place);
    const double zenith = std::acos(std::fmin(1, dot(sun_, frame.up))) / kDegree;
    const double azimuth = std::atan2(dot(sun_, frame.east), dot(sun_, frame.north)) / kDegree;
    const double east = (col - (grid_.cols - 1) / 2.0) * grid_.pixel_m;
    const double north = ((grid_.rows - 1) / 2.0 - row) * grid_.pixel_m;
    const double across =
        track_offset_m_ - east * std::cos(heading_rad_) + north * std::sin(heading_rad_);
    return {zenith, sun_azimuth_ + wrap_azimuth(azimuth - sun_azimuth_),
            view_zenith_rad(across) / kDegree, place};
}

double SceneGeometry::view_azimuth_deg(bool east_of_track) const {
    return wrap_azimuth(heading_rad_ / kDegree + (east_of_track ? 90 : -90));
}

bool SceneGeometry::covers(int row, int col) const noexcept {
    if (!edge_) return true;
    const double east = col - (grid_.cols - 1) / 2.0;
    const double north = (grid_.rows - 1) / 2.0 - row;
    const double across = -east * std::cos(heading_rad_) + north * std::sin(heading_rad_);
    const double along = east * std::sin(heading_rad_) + north * std::cos(heading_rad_);
    return std::fabs(across) <= half_width_px_ && std::fabs(along) <= half_length_px_;
}

}  // namespace hls::simulate
