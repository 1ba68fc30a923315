// SPDX-License-Identifier: Apache-2.0
#include "simulate/scene_geometry.hpp"

#include <cmath>
#include <limits>
#include <numbers>

namespace hls::simulate {
namespace {

constexpr double kDegree = std::numbers::pi / 180;
constexpr double kOrbitHeightM = 705e3;
constexpr double kCosInclination = -0.1426;  // 98.2 deg

}  // namespace

SceneGeometry::SceneGeometry(const SceneRequest& request)
    : grid_(request.grid()), utm_(geo::UtmZone{request.utm_zone, false}) {
    center_ = utm_.inverse(map_position((request.rows - 1) / 2.0, (request.cols - 1) / 2.0));
    sun_ = SunOverScene(request, center_);
    heading_rad_ = track_heading_rad(kCosInclination, center_.lat_deg);
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
    const SunAngles sun = sun_.at(place);
    const double east = (col - (grid_.cols - 1) / 2.0) * grid_.pixel_m;
    const double north = ((grid_.rows - 1) / 2.0 - row) * grid_.pixel_m;
    const double across =
        track_offset_m_ - east * std::cos(heading_rad_) + north * std::sin(heading_rad_);
    return {sun.zenith_deg, sun.azimuth_deg, view_zenith_rad(across, kOrbitHeightM) / kDegree,
            place};
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
