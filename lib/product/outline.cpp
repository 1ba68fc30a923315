// SPDX-License-Identifier: Apache-2.0
#include "product/outline.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/error.hpp"
#include "product/layers.hpp"
#include "product/number_text.hpp"

namespace hls::product {
namespace {

constexpr double kTolerance_deg = 0.01;

bool west_of(const geo::LonLat& a, const geo::LonLat& b) {
    return std::tie(a.lon_deg, a.lat_deg) < std::tie(b.lon_deg, b.lat_deg);
}

bool south_of(const geo::LonLat& a, const geo::LonLat& b) {
    return std::tie(a.lat_deg, a.lon_deg) < std::tie(b.lat_deg, b.lon_deg);
}

bool same(const geo::LonLat& a, const geo::LonLat& b) {
    return a.lon_deg == b.lon_deg && a.lat_deg == b.lat_deg;
}

// Positive if c lies left of the way from a to b.
double side(const geo::LonLat& a, const geo::LonLat& b, const geo::LonLat& c) {
    return (b.lon_deg - a.lon_deg) * (c.lat_deg - a.lat_deg) -
           (b.lat_deg - a.lat_deg) * (c.lon_deg - a.lon_deg);
}

double distance_to_segment(const geo::LonLat& p, const geo::LonLat& a, const geo::LonLat& b) {
    const double dx = b.lon_deg - a.lon_deg;
    const double dy = b.lat_deg - a.lat_deg;
    const double length2 = dx * dx + dy * dy;
    double t = 0;
    if (length2 > 0)
        t = std::clamp(((p.lon_deg - a.lon_deg) * dx + (p.lat_deg - a.lat_deg) * dy) / length2, 0.0,
                       1.0);
    return std::hypot(p.lon_deg - a.lon_deg - t * dx, p.lat_deg - a.lat_deg - t * dy);
}

// Douglas-Peucker on a closed line. As GEOS's topology-preserving simplifier does, a section is
// not replaced by its chord while the ring could still end with fewer than three corners.
class RingSimplifier {
 public:
    RingSimplifier(const Ring& closed, double tolerance) : line_(closed), tolerance_(tolerance) {
        section(0, line_.size() - 1, 0);
    }
    Ring corners() const { return kept_; }

 private:
    static constexpr std::size_t kSmallestRing = 4;  // with the first point repeated

    void section(std::size_t from, std::size_t to, std::size_t depth) {
        ++depth;
        if (from + 1 == to) return kept_.push_back(line_[from]);
        const std::size_t size_so_far = kept_.empty() ? 0 : kept_.size() + 1;
        const bool may_flatten = size_so_far >= kSmallestRing || depth + 1 >= kSmallestRing;
        std::size_t farthest = from;
        double largest = -1;
        for (std::size_t i = from + 1; i < to; ++i) {
            const double distance = distance_to_segment(line_[i], line_[from], line_[to]);
            if (distance > largest) {
                largest = distance;
                farthest = i;
            }
        }
        if (may_flatten && largest <= tolerance_) return kept_.push_back(line_[from]);
        section(from, farthest, depth);
        section(farthest, to, depth);
    }

    const Ring& line_;
    double tolerance_;
    Ring kept_;
};

// The part of a convex ring on one side of longitude 180 (longitudes run from 0 to 360 here).
Ring side_of_antimeridian(const Ring& ring, bool west) {
    constexpr double kEdge = 180;
    const auto inside = [&](double lon) { return west ? lon <= kEdge : lon >= kEdge; };
    Ring part;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const auto& a = ring[i];
        const auto& b = ring[(i + 1) % ring.size()];
        if (inside(a.lon_deg)) part.push_back(a);
        if (inside(a.lon_deg) != inside(b.lon_deg)) {
            const double t = (kEdge - a.lon_deg) / (b.lon_deg - a.lon_deg);
            part.push_back({kEdge, rounded_to_8_decimals(a.lat_deg + t * (b.lat_deg - a.lat_deg))});
        }
    }
    if (!west)
        for (auto& point : part) point.lon_deg = rounded_to_8_decimals(point.lon_deg - 360);
    return part;
}

Ring bounding_rectangle(const Ring& points) {
    const auto lon = std::minmax_element(points.begin(), points.end(), west_of);
    const auto lat = std::minmax_element(points.begin(), points.end(), south_of);
    const double west = lon.first->lon_deg;
    const double east = lon.second->lon_deg;
    const double south = lat.first->lat_deg;
    const double north = lat.second->lat_deg;
    return {{west, south}, {west, north}, {east, north}, {east, south}};
}

Ring from_west_end(Ring ring) {
    std::rotate(ring.begin(), std::min_element(ring.begin(), ring.end(), west_of), ring.end());
    return ring;
}

}  // namespace

Ring convex_hull(Ring points) {
    std::sort(points.begin(), points.end(), west_of);
    points.erase(std::unique(points.begin(), points.end(), same), points.end());
    if (points.size() < 3) return points;
    // Andrew's monotone chain; the upper chain first makes it clockwise.
    Ring hull;
    const auto add_chain = [&](auto begin, auto end) {
        const std::size_t base = hull.size();
        for (auto it = begin; it != end; ++it) {
            while (hull.size() >= base + 2 &&
                   side(hull[hull.size() - 2], hull[hull.size() - 1], *it) >= 0)
                hull.pop_back();
            hull.push_back(*it);
        }
        hull.pop_back();  // the next chain starts with it
    };
    add_chain(points.begin(), points.end());
    add_chain(points.rbegin(), points.rend());
    return hull;
}

Ring simplified(const Ring& ring, double tolerance_deg) {
    if (ring.size() <= 3) return ring;
    Ring closed = ring;
    closed.push_back(ring.front());
    return RingSimplifier(closed, tolerance_deg).corners();
}

Outline::Outline(int rows) : spans_(static_cast<std::size_t>(rows)) {}

void Outline::add_rows(int first_row, View2D<const std::uint8_t> mask) {
    for (int row = 0; row < mask.rows(); ++row) {
        const auto cells = mask.row(row);
        const auto has_data = [](std::uint8_t value) { return value != kMaskFill; };
        const auto first = std::find_if(cells.begin(), cells.end(), has_data);
        if (first == cells.end()) continue;
        const auto last = std::find_if(cells.rbegin(), cells.rend(), has_data);
        spans_.at(static_cast<std::size_t>(first_row + row)) = {
            static_cast<int>(first - cells.begin()), static_cast<int>(cells.rend() - last)};
    }
}

bool Outline::empty() const {
    return std::all_of(spans_.begin(), spans_.end(),
                       [](const Span& span) { return span.end == 0; });
}

std::vector<Ring> Outline::rings(const io::Grid& grid) const {
    const auto zone = geo::utm_zone_of_epsg(grid.epsg);
    if (!zone) throw Error{Exit::internal, "a tile that is not in UTM"};
    const geo::Utm utm(*zone);
    Ring points;
    const auto add = [&](int col, std::size_t row) {
        const auto place = utm.inverse({grid.ulx_m + grid.pixel_m * col,
                                        grid.uly_m - grid.pixel_m * static_cast<double>(row)});
        points.push_back(
            {rounded_to_8_decimals(place.lon_deg), rounded_to_8_decimals(place.lat_deg)});
    };
    // Corners of the outline only: along a straight edge there is nothing to keep.
    for (std::size_t row = 0; row <= spans_.size(); ++row) {
        const Span above = row > 0 ? spans_[row - 1] : Span{};
        const Span below = row < spans_.size() ? spans_[row] : Span{};
        for (const int Span::*edge : {&Span::first, &Span::end}) {
            if (above.end != 0 && (below.end == 0 || above.*edge != below.*edge))
                add(above.*edge, row);
            if (below.end != 0 && (above.end == 0 || above.*edge != below.*edge))
                add(below.*edge, row);
        }
    }
    if (points.empty()) return {};

    const auto [west, east] = std::minmax_element(points.begin(), points.end(), west_of);
    const bool crosses = west->lon_deg < -90 && east->lon_deg >= 90;
    if (crosses)
        for (auto& point : points)
            if (point.lon_deg < 0) point.lon_deg += 360;
    Ring hull = convex_hull(points);
    if (hull.size() < 3) hull = bounding_rectangle(points);
    // The simplification starts from the southernmost point, as GEOS orders a hull.
    std::rotate(hull.begin(), std::min_element(hull.begin(), hull.end(), south_of), hull.end());
    hull = simplified(hull, kTolerance_deg);
    if (!crosses) return {from_west_end(std::move(hull))};
    std::vector<Ring> parts;
    for (const bool west_side : {true, false}) {
        Ring part = side_of_antimeridian(hull, west_side);
        if (part.size() >= 3) parts.push_back(from_west_end(std::move(part)));
    }
    return parts;
}

}  // namespace hls::product
