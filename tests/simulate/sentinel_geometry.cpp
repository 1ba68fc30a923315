// SPDX-License-Identifier: Apache-2.0
#include "simulate/sentinel_geometry.hpp"

#include <cmath>
#include <numbers>

namespace hls::simulate {
namespace {

constexpr double kDegree = std::numbers::pi / 180;
constexpr double kOrbitHeightM = 786e3;
constexpr double kCosInclination = -0.1499;  // 98.62 deg
constexpr double kDetectorDeg = 1.96;

// Angle on the ground between a band and the middle of its detector's view along the track, in
// degrees, and that of the middle itself: from the angle grids of a product of 2017.
constexpr double kBandAlongDeg[kMsiBands] = {1.795, .538,  .821,  1.082, 1.224, 1.366, 1.509,
                                             .679,  1.650, 1.940, 1.007, 1.345, 1.685};
constexpr double kMiddleAlongDeg = -0.242;
// Bands are cut at slightly different places.
constexpr double kBorderShiftM[kMsiBands] = {70, 0, 20, 30, 40, 50, 60, 10, 60, 80, -30, -20, -10};

}  // namespace

SentinelGeometry::SentinelGeometry(const SentinelRequest& request)
    : utm_(geo::UtmZone{request.utm_zone, false}),
      offset_(request.track_offset_m),
      strip_(request.datastrip),
      half_overlap_(request.strip_overlap_m / 2) {
    const MapBox box = request.extent();
    center_x_ = (box.west + box.east) / 2;
    center_y_ = (box.south + box.north) / 2;
    const geo::LonLat center = place(center_x_, center_y_);
    heading_ = track_heading_rad(kCosInclination, center.lat_deg);
    sun_ = SunOverScene(request, center);
    for (int i = 0; i <= kDetectors; ++i) {
        // Where the view zenith is a multiple of a detector's width.
        const double wanted = (i - kDetectors / 2) * kDetectorDeg;
        double low = -400e3, high = 400e3;
        while (high - low > 1e-3) {
            const double middle = (low + high) / 2;
            (across_deg(middle) < wanted ? low : high) = middle;
        }
        borders_[static_cast<std::size_t>(i)] = (low + high) / 2;
    }
}

double SentinelGeometry::across_m(double x_m, double y_m) const noexcept {
    return offset_ - (x_m - center_x_) * std::cos(heading_) +
           (y_m - center_y_) * std::sin(heading_);
}

double SentinelGeometry::along_m(double x_m, double y_m) const noexcept {
    return (x_m - center_x_) * std::sin(heading_) + (y_m - center_y_) * std::cos(heading_);
}

int SentinelGeometry::detector(double across, int band) const noexcept {
    const double moved = across - kBorderShiftM[band];
    if (moved < borders_.front() || moved >= borders_.back()) return 0;
    int detector = 1;
    while (moved >= borders_[static_cast<std::size_t>(detector)]) ++detector;
    return detector;
}

std::array<double, 2> SentinelGeometry::borders_m(int detector, int band) const noexcept {
    const auto d = static_cast<std::size_t>(detector);
    return {borders_[d - 1] + kBorderShiftM[band], borders_[d] + kBorderShiftM[band]};
}

bool SentinelGeometry::in_strip(double along) const noexcept {
    switch (strip_) {
        case Datastrip::northern:
            return along <= half_overlap_;
        case Datastrip::southern:
            return along >= -half_overlap_;
        case Datastrip::whole:
            break;
    }
    return true;
}

double SentinelGeometry::across_deg(double across) noexcept {
    return view_zenith_rad(across, kOrbitHeightM) / kDegree;
}

double SentinelGeometry::along_deg(int band, int detector) noexcept {
    return kMiddleAlongDeg + (detector % 2 == 0 ? -1 : 1) * kBandAlongDeg[band];
}

double SentinelGeometry::east_azimuth_deg() const noexcept {
    return wrap_azimuth(heading_ / kDegree + 90);
}

MsiView SentinelGeometry::view(double across, int band, int detector) const noexcept {
    const double side = std::tan(across_deg(across) * kDegree);
    const double ahead = std::tan(along_deg(band, detector) * kDegree);
    // Clockwise from east_azimuth the next quarter looks back along the track.
    const double azimuth = heading_ / kDegree + 90 + std::atan2(-ahead, side) / kDegree;
    const double positive = std::fmod(azimuth + 720, 360);
    return {std::atan(std::hypot(side, ahead)) / kDegree, positive};
}

Slant SentinelGeometry::slant(double across, int band, int detector) const noexcept {
    const MsiView seen = view(across, band, detector);
    return slant_towards(seen.zenith_deg, seen.azimuth_deg);
}

}  // namespace hls::simulate
