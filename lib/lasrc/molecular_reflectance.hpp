// SPDX-License-Identifier: Apache-2.0
// Reflectance of a purely molecular layer in closed form (lasrc.md 4.7).
#pragma once

#include "lasrc/sun_view_geometry.hpp"

namespace hls::lasrc {

// Path reflectance of molecules of optical depth `tau` > 0 over a black surface; error of the
// approximation below 1e-3 for tau < 0.35. Depolarisation 0.0279.
float molecular_reflectance(const SunViewGeometry& geometry, float tau) noexcept;

}  // namespace hls::lasrc
