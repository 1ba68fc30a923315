// SPDX-License-Identifier: Apache-2.0
// The rule sets: every constant in which the versions of Fmask differ, as data.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hls::fmask {

enum class Sensor { landsat, sentinel2 };

std::string_view sensor_name(Sensor sensor);  // "landsat", "sentinel2"

// How far a pixel must lie below the filled surface to be a potential shadow.
struct ShadowDepth {
    bool relative = false;  // share of the filled reflectance, else reflectance
    double more_than = 0.02;

    bool operator==(const ShadowDepth&) const = default;
};

// Which of the heights that a cloud may have is taken:
// - first: upwards, the first maximum of the similarity of its shadow with dark ground
//   (Zhu & Woodcock 2012);
// - best: the maximum of the similarity over all heights;
// - likely: the height at which dark ground outnumbers clear ground by most in the shadow. Unlike a
//   share this grows as the shadow comes out from under its cloud, and it is the maximum of
//   likelihood where shadows are as often not dark as clear ground is.
enum class MatchRule { first, best, likely };

// What pixels count for that say neither shadow nor clear ground when a cloud's shadow is sought.
struct UnknownPixels {
    double weight = 0.1;          // of other cloud, fill and, if `water`, water
    double outside_weight = 0.1;  // beyond the edge of the image
    bool water = true;            // water is unknown; else it is judged by its depth
    bool ignored = false;         // left out of the sum altogether
};

struct Profile {
    std::string name;
    Sensor sensor = Sensor::landsat;

    // Cloud
    double probability_offset = 0.175;            // on the clear 82.5th percentile
    std::optional<double> fixed_water_threshold;  // else as over land
    double cirrus_weight = 0.3;
    bool cirrus_above_base = true;   // cirrus reflectance counts from that of clear pixels
    double snow_below_c = 10;        // brightness temperature of snow, deg C
    bool built_up_lowers = true;     // |NDBI| lowers the probability of cloud over land
    bool certain_over_land = false;  // land probability > 0.99 is cloud whatever else is said
    bool either_over_water = false;  // over water the land test may find cloud too
    bool majority_fill = false;      // cloud where 5 of 9 pixels are
    bool clear_by_old_rule = false;  // clear water may be potential cloud, but is dark in SWIR2
    bool absolute_snow = true;
    bool commission_filter = true;  // bright surfaces, parallax and tiny objects

    // Shadow
    bool nir_only = false;  // potential shadow from NIR alone, else also SWIR1
    ShadowDepth depth;
    bool background_in_light = true;  // land found in shadow does not count for the background
    UnknownPixels unknown;
    MatchRule match = MatchRule::likely;
    double tolerance = 0.95;        // of the best similarity so far, to go on to the first maximum
    double least_similarity = 0.1;  // below it no shadow is found
    // A cloud takes the common height of the clouds around if there is at least this share of the
    // evidence for it that there is for its own; 0: clouds stand alone.
    double common_share = 0.5;
    double edge_m = 90;            // rim of a cloud left out when its base is taken
    bool range_from_base = false;  // height range from temperature for warm clouds too
    bool whole_inside = false;     // heights at which the shadow leaves the image are skipped
    bool paint_only_potential = false;

    // Buffers, pixels
    int dilate_cloud = 3;
    int dilate_shadow = 3;
};

// Names in the order they are listed to people: "hls", "hls4", "hls5phy", "fmask3".
const std::vector<std::string>& profile_names();

// Throws Error{usage} for a name that is not one of profile_names().
Profile make_profile(std::string_view name, Sensor sensor);

}  // namespace hls::fmask
