// SPDX-License-Identifier: Apache-2.0
// Which height of each cloud puts its shadow where the ground is dark (Zhu & Woodcock 2012 section
// 3.2, Qiu et al. 2019), in time proportional to pixels and heights.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/view2d.hpp"
#include "fmask/bit_plane.hpp"
#include "fmask/objects.hpp"
#include "fmask/profile.hpp"
#include "fmask/view_field.hpp"

namespace hls::fmask {

// Displacement on the ground per metre of height above it, in pixels: columns to the east, rows to
// the south.
struct Displacement {
    double cols = 0;
    double rows = 0;
};

// From where a cloud is seen to where its shadow falls: back along the line of sight to the true
// place, then away from the sun.
Displacement displacement_of(double sun_zenith_deg, double sun_azimuth_deg, const ViewTangent& view,
                             double pixel_m);

struct ShadowScene {
    const BitPlane& valid;
    const BitPlane& cloud;
    const BitPlane& holes;                             // dark holes in the brightness of the ground
    const BitPlane& water;                             // as spectral tests and maps have it
    const BitPlane& all_water;                         // also under snow
    const Plane<std::int16_t>* temperature = nullptr;  // 0.01 deg C; null: clouds are flat
    const Plane<std::int16_t>* elevation_m = nullptr;  // null: level ground
    double land_low_c = 0;  // temperatures of clear land, for the range of heights
    double land_high_c = 0;
    double pixel_m = 30;
    double sun_zenith_deg = 0;
    double sun_azimuth_deg = 0;
    const ViewField& view;
};

// What became of a cloud object.
struct CloudHeight {
    bool matched = false;
    float base_m = 0;      // height of the lowest part above the ground, if matched
    float similarity = 0;  // share of its shadow that lies on dark ground, as the profile counts
};

struct ShadowMatch {
    BitPlane
        shadow;  // neither buffered nor cleared of cloud's own pixels elsewhere: never on cloud
    std::vector<CloudHeight> heights;  // by object
    std::int64_t matched = 0;
};

ShadowMatch match_shadows(const Objects& objects, const ShadowScene& scene, const Profile& profile,
                          int threads);

}  // namespace hls::fmask
