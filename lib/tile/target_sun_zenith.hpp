// SPDX-License-Identifier: Apache-2.0
// The sun zenith that NBAR normalises to: one number per tile and day (tiling.md 2.9).
#pragma once

#include <optional>

#include "geo/utm.hpp"

namespace hls::tile {

// North of this latitude the mean sun zenith of the tile is used instead.
inline constexpr double kHighestTargetLatitude = 81.3;

// Mean zenith at the local overpass times of Landsat and Sentinel-2 over `center`, the centre of
// the tile; the sun by the PSA algorithm with its original coefficients (Blanco-Muriel et al. 2001,
// Sol. Energy 70). nullopt north of kHighestTargetLatitude, and in the far south where no orbit
// reaches and NASA's programs compute NaN.
std::optional<double> target_sun_zenith_deg(geo::LonLat center, int year, int day_of_year) noexcept;

}  // namespace hls::tile
