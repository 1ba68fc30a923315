// SPDX-License-Identifier: Apache-2.0
#include "chip/pixel_polygon.hpp"

namespace hls::chip {

std::vector<PixelRing> to_pixels(const io::PolygonPart& part, const TileFrame& frame, int pixel_m) {
    std::vector<PixelRing> rings;
    for (const io::LonLatRing& ring : part.rings) {
        PixelRing& pixels = rings.emplace_back();
        pixels.reserve(ring.size());
        for (const io::LonLatPoint& place : ring) {
            const geo::EastNorth point = frame.utm.forward({place.lon_deg, place.lat_deg});
            pixels.push_back({(point.x_m - frame.upper_left.x_m) / pixel_m,
                              (frame.upper_left.y_m - point.y_m) / pixel_m});
        }
    }
    return rings;
}

}  // namespace hls::chip
