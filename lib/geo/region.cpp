// SPDX-License-Identifier: Apache-2.0
#include "geo/region.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace hls::geo {
namespace {

double signed_area(const Ring& ring) noexcept {
    double sum = 0;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const LonLat& a = ring[i];
        const LonLat& b = ring[(i + 1) % ring.size()];
        sum += a.lon_deg * b.lat_deg - b.lon_deg * a.lat_deg;
    }
    return sum / 2;
}

double step_deg(double from_deg, double to_deg) noexcept {
    const double step = to_deg - from_deg;
    return std::abs(step) > 180 && std::abs(step) != 360 ? std::remainder(step, 360.0) : step;
}

void make_continuous(Ring& ring) {
    double previous_given = ring.front().lon_deg;
    for (std::size_t i = 1; i < ring.size(); ++i) {
        const double given = ring[i].lon_deg;
        ring[i].lon_deg = ring[i - 1].lon_deg + step_deg(previous_given, given);
        previous_given = given;
    }
    const double closing =
        ring.back().lon_deg + step_deg(previous_given, ring.front().lon_deg) - ring.front().lon_deg;
    if (std::abs(closing) < 180) return;
    // The ring goes round a pole: along its last meridian to the pole and back on its first.
    double sum_lat = 0;
    for (const LonLat& place : ring) sum_lat += place.lat_deg;
    const double pole_deg = sum_lat < 0 ? -90 : 90;
    const LonLat first = ring.front();
    ring.push_back({first.lon_deg + closing, first.lat_deg});
    ring.push_back({first.lon_deg + closing, pole_deg});
    ring.push_back({first.lon_deg, pole_deg});
}

}  // namespace

void Region::add_outer(std::vector<LonLat> points) {
    add(std::move(points), true);
}

void Region::add_hole(std::vector<LonLat> points) {
    add(std::move(points), false);
}

void Region::add(std::vector<LonLat> points, bool outer) {
    if (points.size() > 1 && points.front().lon_deg == points.back().lon_deg &&
        points.front().lat_deg == points.back().lat_deg)
        points.pop_back();
    if (points.size() < 3) return;
    make_continuous(points);
    if ((signed_area(points) > 0) != outer) std::reverse(points.begin(), points.end());
    rings_.push_back(std::move(points));
}

Region Region::of_bounds(const Bounds& bounds) {
    const double east_deg =
        bounds.east_deg < bounds.west_deg ? bounds.east_deg + 360 : bounds.east_deg;
    Region region;
    region.rings_.push_back({{bounds.west_deg, bounds.south_deg},
                             {east_deg, bounds.south_deg},
                             {east_deg, bounds.north_deg},
                             {bounds.west_deg, bounds.north_deg}});
    return region;
}

}  // namespace hls::geo
