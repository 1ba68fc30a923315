// SPDX-License-Identifier: Apache-2.0
// Makes the direction grid of the path reflectance: sun x view x scattering angle, packed.
#pragma once

#include "atmosphere/tables.hpp"

namespace hls::atmosphere {

inline constexpr int kOfficialViews = 20;
inline constexpr int kOfficialEntries = 8000;
inline constexpr double kScatteringStepDeg = 4.0;

// Suns 0, 4, .. 84 deg; views nadir and the first view_nodes-1 angles of the 48-point Gauss rule
// (2.84090, 6.52107, ..); azimuth in equal steps of scattering angle (lasrc.md 1.1, rt.md 5).
// view_nodes 1..25. `entries` is the length of the packed axis: 0 means as many as are used,
// otherwise at least that many (Error{internal} if fewer).
AngleGrid make_angle_grid(int view_nodes, int entries);

}  // namespace hls::atmosphere
