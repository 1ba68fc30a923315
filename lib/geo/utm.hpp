// SPDX-License-Identifier: Apache-2.0
// Universal transverse Mercator on WGS 84, in closed form: no PROJ context, safe from any thread.
#pragma once

#include <optional>

namespace hls::geo {

struct LonLat {
    double lon_deg = 0;
    double lat_deg = 0;
};

struct EastNorth {
    double x_m = 0;
    double y_m = 0;
};

struct UtmZone {
    int zone = 0;  // 1..60
    bool south = false;

    bool operator==(const UtmZone&) const = default;
};

// 326zz for the northern definition, 327zz for the southern one.
int utm_epsg(UtmZone zone) noexcept;
// nullopt for anything but WGS 84 / UTM.
std::optional<UtmZone> utm_zone_of_epsg(int epsg) noexcept;

// Krueger's series to the sixth order of the third flattening (Karney 2011, J. Geodesy 85, 475),
// within 1 um and 1e-11 deg up to 30 deg from the central meridian. With the northern definition,
// northings are negative south of the equator, as Landsat and HLS use them; the southern one adds
// the false northing of 1e7 m.
class Utm {
 public:
    explicit Utm(UtmZone zone) noexcept;

    EastNorth forward(LonLat place) const noexcept;
    // Longitude in (-180, 180].
    LonLat inverse(EastNorth point) const noexcept;

 private:
    double central_meridian_deg_;
    double false_northing_m_;
};

}  // namespace hls::geo
