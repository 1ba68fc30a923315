// SPDX-License-Identifier: Apache-2.0
// Vector masks and quality reports of Sentinel-2 Level-1C tiles.
#pragma once

#include <string_view>
#include <vector>

namespace hls::granule {

struct MapPoint {
    double x_m = 0;
    double y_m = 0;
};

// Outline of what one detector saw, in the tile's CRS (false northing in the south).
struct DetectorFootprint {
    int detector = 0;            // 1..12
    std::vector<MapPoint> ring;  // first point repeated at the end
};

// MSK_DETFOO_Bnn.gml of baselines before 04.00: footprints in the order of the file. The detector
// is the second field, between hyphens, of gml:id "detector_footprint-B06-08-0". Throws
// Error{bad_input}.
std::vector<DetectorFootprint> parse_detector_footprints(std::string_view text,
                                                         std::string_view source);

// GENERAL_QUALITY.xml: indices of bands (sentinel2_bands()) with lost data, ascending; empty if
// the report tells of no loss. Throws Error{bad_input}.
std::vector<int> parse_bands_with_data_loss(std::string_view text, std::string_view source);

}  // namespace hls::granule
