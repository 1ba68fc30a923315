// SPDX-License-Identifier: Apache-2.0
// From probabilities to cloud objects: thresholds, then what bright surfaces pretend to be cloud is
// taken out (Qiu et al. 2019, sections 2.2 to 2.4).
#pragma once

#include <optional>

#include "fmask/bit_plane.hpp"
#include "fmask/clear_pixels.hpp"
#include "fmask/objects.hpp"
#include "fmask/parallax.hpp"
#include "fmask/profile.hpp"
#include "fmask/scene_statistics.hpp"
#include "fmask/surface.hpp"

namespace hls::fmask {

// Built-up surfaces by the edges of the built-up index, before the look at their temperature.
BitPlane find_built_up(const Surface& surface, int threads);

// The temperature that splits built-up pixels into warm roofs and cold cloud edges, deg C.
std::optional<double> built_up_split_c(const Surface& surface, const BitPlane& built_up,
                                       int threads);

// Pixels whose probability of cloud exceeds the thresholds. Where statistics.enough_clear is false
// every potential cloud is one.
BitPlane find_probable_cloud(const Surface& surface, const SceneStatistics& statistics,
                             const Profile& profile, int threads);

struct BrightSurfaces {
    BitPlane built_up;    // find_built_up() without what is cold, or moves as clouds do
    BitPlane steep_snow;  // snow on slopes above 20 degrees; empty if not known
    BitPlane snow;
};

// Objects of `cloud` that consist of nothing but rim and bright surface vanish on land; then, with
// parallax, small ones that do not move as clouds do; then those of one or two pixels.
BitPlane remove_bright_surfaces(const BitPlane& cloud, const BrightSurfaces& bright,
                                const BitPlane& water, const Parallax* parallax, double pixel_m,
                                int threads);

}  // namespace hls::fmask
