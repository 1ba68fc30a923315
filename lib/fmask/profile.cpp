// SPDX-License-Identifier: Apache-2.0
#include "fmask/profile.hpp"

#include <fmt/format.h>

#include "core/error.hpp"

namespace hls::fmask {
namespace {

// Fmask 4 as HLS v2.0 runs it (Qiu et al. 2019), but for the shadow. The match does not turn over
// when reflectance changes in the fourth digit: other clouds say little for a height. And the
// height is the likeliest one, in doubt that of the clouds around: among broken clouds most first
// maxima are other clouds' shadows, and of a cloud that hides most of its own shadow the rest is
// as dark for any height that is too low.
Profile hls(Sensor sensor) {
    Profile p;
    p.name = "hls";
    p.sensor = sensor;
    if (sensor == Sensor::sentinel2) {
        p.probability_offset = 0.20;
        p.cirrus_weight = 0.5;
    }
    return p;
}

// Fmask 4 to the number.
Profile hls4(Sensor sensor) {
    Profile p = hls(sensor);
    p.name = "hls4";
    p.unknown = {.weight = 0.5, .outside_weight = 1, .water = false};
    const bool landsat = sensor == Sensor::landsat;
    p.background_in_light = false;
    p.match = MatchRule::first;
    p.tolerance = landsat ? 0.95 : 0.90;
    p.least_similarity = landsat ? 0.3 : 0.425;
    p.common_share = 0;
    return p;
}

// The physical rules of Fmask 5 (Zhu et al. 2024), without its learnt part.
Profile hls5phy(Sensor sensor) {
    Profile p = hls(sensor);
    p.name = "hls5phy";
    p.depth = {.relative = true, .more_than = 0.15};
    p.either_over_water = true;
    p.dilate_cloud = sensor == Sensor::landsat ? 1 : 0;
    p.dilate_shadow = 5;
    return p;
}

// Zhu, Wang and Woodcock 2015, with the choices of the open implementation that is in use.
Profile fmask3(Sensor sensor) {
    Profile p = hls(sensor);
    p.name = "fmask3";
    p.probability_offset = 0.20;
    p.fixed_water_threshold = 0.5;
    p.cirrus_weight = 1;
    p.cirrus_above_base = false;
    p.snow_below_c = 3.8;
    p.built_up_lowers = false;
    p.certain_over_land = true;
    p.majority_fill = true;
    p.clear_by_old_rule = true;
    p.absolute_snow = false;
    p.commission_filter = false;
    p.nir_only = true;
    p.unknown = {.weight = 0, .outside_weight = 0, .water = false, .ignored = true};
    p.background_in_light = false;
    p.match = MatchRule::best;
    p.common_share = 0;
    p.least_similarity = 0.3;
    p.edge_m = 240;
    p.range_from_base = true;
    p.whole_inside = true;
    p.paint_only_potential = true;
    p.dilate_cloud = 0;
    p.dilate_shadow = 3;
    return p;
}

}  // namespace

std::string_view sensor_name(Sensor sensor) {
    return sensor == Sensor::landsat ? "landsat" : "sentinel2";
}

const std::vector<std::string>& profile_names() {
    static const std::vector<std::string> names{"hls", "hls4", "hls5phy", "fmask3"};
    return names;
}

Profile make_profile(std::string_view name, Sensor sensor) {
    if (name == "hls") return hls(sensor);
    if (name == "hls4") return hls4(sensor);
    if (name == "hls5phy") return hls5phy(sensor);
    if (name == "fmask3") return fmask3(sensor);
    throw Error{Exit::usage, fmt::format("no profile '{}'", name),
                fmt::format("one of {}", fmt::join(profile_names(), ", "))};
}

}  // namespace hls::fmask
