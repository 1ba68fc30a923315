// SPDX-License-Identifier: Apache-2.0
#include "geo/overlap.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace hls::geo {
namespace {

constexpr double kDegree = std::numbers::pi / 180;
constexpr double kMetersPerDegree = 111000;
constexpr double kSquareM = 100000;
// Tiles begin within a square's height of 84 degrees and do not reach further than this.
constexpr double kLatitudeLimitDeg = 84.8;
constexpr double kHalfZoneDeg = 3;
constexpr double kHalfWidestZoneDeg = 6;  // 32V and Svalbard
constexpr double kWidestZonesFromDeg = 54;
// A tile sticks out of its zone by less than a square and its overlap.
constexpr double kTileReachM = 115000;
// Half the diagonals of a scene (190 x 170 km) and of a tile, and a margin.
constexpr double kSceneReachDeg = (127.5 + 77.7 + 10) / 111.0;

// Straight lines in longitude and latitude bend in UTM by about 30 m over this length.
constexpr double kLongestEdgeDeg = 0.2;

using Outline = std::vector<EastNorth>;

Ring with_short_edges(const Ring& ring) {
    Ring fine;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const LonLat& a = ring[i];
        const LonLat& b = ring[(i + 1) % ring.size()];
        const double longest =
            std::max(std::abs(b.lon_deg - a.lon_deg), std::abs(b.lat_deg - a.lat_deg));
        const int pieces = std::max(1, static_cast<int>(std::ceil(longest / kLongestEdgeDeg)));
        for (int k = 0; k < pieces; ++k) {
            const double t = static_cast<double>(k) / pieces;
            fine.push_back(
                {a.lon_deg + t * (b.lon_deg - a.lon_deg), a.lat_deg + t * (b.lat_deg - a.lat_deg)});
        }
    }
    return fine;
}

// The part of a ring on one side of a line, after Sutherland and Hodgman. The result may hold edges
// that run to and fro on the line: they enclose nothing. `distance` is >= 0 on the side that stays.
template <typename Point, typename Distance>
void clip(const std::vector<Point>& ring, Distance distance, std::vector<Point>& out) {
    out.clear();
    if (ring.empty()) return;
    const auto mix = [](const LonLat& a, const LonLat& b, double t) {
        return LonLat{a.lon_deg + t * (b.lon_deg - a.lon_deg),
                      a.lat_deg + t * (b.lat_deg - a.lat_deg)};
    };
    const auto mix_plane = [](const EastNorth& a, const EastNorth& b, double t) {
        return EastNorth{a.x_m + t * (b.x_m - a.x_m), a.y_m + t * (b.y_m - a.y_m)};
    };
    const Point* a = &ring.back();
    double da = distance(*a);
    for (const Point& b : ring) {
        const double db = distance(b);
        if ((da >= 0) != (db >= 0)) {
            const double t = da / (da - db);
            if constexpr (std::is_same_v<Point, LonLat>)
                out.push_back(mix(*a, b, t));
            else
                out.push_back(mix_plane(*a, b, t));
        }
        if (db >= 0) out.push_back(b);
        a = &b;
        da = db;
    }
}

double signed_area_m2(const Outline& ring) noexcept {
    if (ring.size() < 3) return 0;
    const EastNorth o = ring.front();
    double sum = 0;
    for (std::size_t i = 1; i + 1 < ring.size(); ++i)
        sum += (ring[i].x_m - o.x_m) * (ring[i + 1].y_m - o.y_m) -
               (ring[i + 1].x_m - o.x_m) * (ring[i].y_m - o.y_m);
    return sum / 2;
}

struct Extent {
    double west_deg;
    double east_deg;
    double south_deg;
    double north_deg;
};

Extent extent_of(const Ring& ring) noexcept {
    Extent extent{1e9, -1e9, 1e9, -1e9};
    for (const LonLat& place : ring) {
        extent.west_deg = std::min(extent.west_deg, place.lon_deg);
        extent.east_deg = std::max(extent.east_deg, place.lon_deg);
        extent.south_deg = std::min(extent.south_deg, place.lat_deg);
        extent.north_deg = std::max(extent.north_deg, place.lat_deg);
    }
    return extent;
}

double central_meridian_deg(int zone) noexcept {
    return 6.0 * zone - 183;
}

// How far from a central meridian a tile of its zone may reach between these latitudes.
double zone_reach_deg(const Extent& extent) noexcept {
    const double farthest = std::max(std::abs(extent.south_deg), std::abs(extent.north_deg)) + 0.5;
    const double capped = std::min(farthest, kLatitudeLimitDeg);
    const double half = extent.north_deg > kWidestZonesFromDeg ? kHalfWidestZoneDeg : kHalfZoneDeg;
    return half + kTileReachM / kMetersPerDegree / std::cos(capped * kDegree);
}

// Adds the area of one ring to the tiles of one zone and finds which they are.
class ZoneCover {
 public:
    ZoneCover(int zone, const TileList& list) : zone_(zone), list_(list), utm_({zone}) {}

    // `meridian_deg` is the zone's, as a longitude near the ring's.
    void add(const Ring& ring, double meridian_deg, double reach_deg) {
        clip(
            ring, [&](const LonLat& p) { return p.lon_deg - (meridian_deg - reach_deg); }, a_);
        clip(
            a_, [&](const LonLat& p) { return meridian_deg + reach_deg - p.lon_deg; }, b_);
        if (b_.empty()) return;
        Outline plane;
        double west_m = 1e9, east_m = -1e9, south_m = 1e9, north_m = -1e9;
        for (const LonLat& place : with_short_edges(b_)) {
            const EastNorth point = utm_.forward(place);
            plane.push_back(point);
            west_m = std::min(west_m, point.x_m);
            east_m = std::max(east_m, point.x_m);
            south_m = std::min(south_m, point.y_m);
            north_m = std::max(north_m, point.y_m);
        }
        // A tile reaches one square further east and south than its own square.
        const int first_row = static_cast<int>(std::floor(south_m / kSquareM)) - 1;
        const int last_row = static_cast<int>(std::floor(north_m / kSquareM)) + 1;
        const int first_column = std::max(1, static_cast<int>(std::floor(west_m / kSquareM)) - 1);
        const int last_column = std::min(8, static_cast<int>(std::floor(east_m / kSquareM)) + 1);
        for (int row = first_row; row <= last_row; ++row)
            for (int column = first_column; column <= last_column; ++column)
                if (list_.contains({zone_, column, row})) add_tile(plane, {zone_, column, row});
    }

    void finish(std::vector<TileCover>& covers) const {
        for (const auto& [tile, area] : areas_) {
            const double percent = 100 * area / (kTileSizeM * kTileSizeM);
            if (percent > 0) covers.push_back({tile, std::min(percent, 100.0)});
        }
    }

 private:
    void add_tile(const Outline& plane, const MgrsTile& tile) {
        const EastNorth corner = tile.upper_left();
        const double east = corner.x_m + kTileSizeM;
        const double south = corner.y_m - kTileSizeM;
        clip(
            plane, [&](const EastNorth& p) { return corner.y_m - p.y_m; }, p_);
        clip(
            p_, [&](const EastNorth& p) { return p.y_m - south; }, q_);
        clip(
            q_, [&](const EastNorth& p) { return p.x_m - corner.x_m; }, p_);
        clip(
            p_, [&](const EastNorth& p) { return east - p.x_m; }, q_);
        const double area = signed_area_m2(q_);
        if (area == 0) return;
        const auto known = std::find_if(areas_.begin(), areas_.end(),
                                        [&](const auto& item) { return item.first == tile; });
        if (known == areas_.end())
            areas_.emplace_back(tile, area);
        else
            known->second += area;
    }

    int zone_;
    const TileList& list_;
    Utm utm_;
    std::vector<std::pair<MgrsTile, double>> areas_;
    Ring a_, b_;  // kept between rings, so that they are allocated once
    Outline p_, q_;
};

// Rings without what lies beyond the tiles near the poles.
std::vector<Ring> without_poles(const Region& region) {
    std::vector<Ring> rings;
    for (const Ring& ring : region.rings()) {
        Ring a;
        Ring b;
        clip(
            ring, [](const LonLat& p) { return kLatitudeLimitDeg - p.lat_deg; }, a);
        clip(
            a, [](const LonLat& p) { return p.lat_deg + kLatitudeLimitDeg; }, b);
        if (b.size() >= 3) rings.push_back(std::move(b));
    }
    return rings;
}

template <typename Item>
void sort_by_id(std::vector<Item>& items, auto tile_of) {
    std::vector<std::pair<std::string, Item>> keyed;
    keyed.reserve(items.size());
    for (Item& item : items) keyed.emplace_back(tile_of(item).id(), item);
    std::sort(keyed.begin(), keyed.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    for (std::size_t i = 0; i < items.size(); ++i) items[i] = keyed[i].second;
}

}  // namespace

std::vector<TileCover> covered_tiles(const Region& region, const TileList& list) {
    const std::vector<Ring> rings = without_poles(region);
    std::vector<TileCover> covers;
    for (int zone = 1; zone <= 60; ++zone) {
        ZoneCover cover(zone, list);
        for (const Ring& ring : rings) {
            const Extent extent = extent_of(ring);
            const double reach = zone_reach_deg(extent);
            // The zone again on each turn around the Earth that the ring's longitudes touch.
            const double home = central_meridian_deg(zone);
            const double first_turn = std::ceil((extent.west_deg - reach - home) / 360);
            for (double lon = home + 360 * first_turn; lon - reach <= extent.east_deg; lon += 360)
                cover.add(ring, lon, reach);
        }
        cover.finish(covers);
    }
    sort_by_id(covers, [](const TileCover& cover) { return cover.tile; });
    return covers;
}

std::vector<MgrsTile> tiles_at(LonLat place, const TileList& list) {
    std::vector<MgrsTile> tiles;
    if (std::abs(place.lat_deg) > kLatitudeLimitDeg) return tiles;
    const double reach = zone_reach_deg({0, 0, place.lat_deg, place.lat_deg});
    for (int zone = 1; zone <= 60; ++zone) {
        if (std::abs(std::remainder(place.lon_deg - central_meridian_deg(zone), 360.0)) > reach)
            continue;
        const EastNorth point = Utm({zone}).forward(place);
        const int column = static_cast<int>(std::floor(point.x_m / kSquareM));
        const int row = static_cast<int>(std::floor(point.y_m / kSquareM));
        for (int k = 0; k < 9; ++k) {  // a tile overlaps the squares around its own
            const MgrsTile tile{zone, column - 1 + k % 3, row - 1 + k / 3};
            if (!list.contains(tile)) continue;
            const EastNorth corner = tile.upper_left();
            const double dx = point.x_m - corner.x_m;
            const double dy = corner.y_m - point.y_m;
            if (dx >= 0 && dx < kTileSizeM && dy >= 0 && dy < kTileSizeM) tiles.push_back(tile);
        }
    }
    sort_by_id(tiles, [](const MgrsTile& tile) { return tile; });
    return tiles;
}

double cover_percent(const Region& region, const MgrsTile& tile) {
    TileList list;
    list.insert(tile);
    const auto covers = covered_tiles(region, list);
    return covers.empty() ? 0 : covers.front().percent;
}

std::vector<SceneCover> covering_scenes(const MgrsTile& tile, Rows rows) {
    const EastNorth corner = tile.upper_left();
    const LonLat center =
        Utm({tile.zone}).inverse({corner.x_m + kTileSizeM / 2, corner.y_m - kTileSizeM / 2});
    const double sin_lat = std::sin(center.lat_deg * kDegree);
    const double cos_lat = std::cos(center.lat_deg * kDegree);
    const double nearest = std::cos(kSceneReachDeg * kDegree);
    std::vector<SceneCover> covers;
    for (int row = 1; row <= kWrsRows; ++row) {
        if (rows == Rows::day && !is_day_row(row)) continue;
        const LonLat first = scene_center({1, row});
        if (std::abs(first.lat_deg - center.lat_deg) > kSceneReachDeg) continue;
        const double a = sin_lat * std::sin(first.lat_deg * kDegree);
        const double b = cos_lat * std::cos(first.lat_deg * kDegree);
        for (int path = 1; path <= kWrsPaths; ++path) {
            const double apart_deg =
                first.lon_deg - (path - 1) * 360.0 / kWrsPaths - center.lon_deg;
            if (a + b * std::cos(apart_deg * kDegree) < nearest) continue;
            const double percent = cover_percent(scene_region({path, row}), tile);
            if (percent > 0) covers.push_back({{path, row}, percent});
        }
    }
    std::sort(covers.begin(), covers.end(),
              [](const SceneCover& x, const SceneCover& y) { return x.scene < y.scene; });
    return covers;
}

Region scene_region(PathRow scene) {
    const auto corners = scene_corners(scene);
    Region region;
    region.add_outer({corners.begin(), corners.end()});
    return region;
}

}  // namespace hls::geo
