// SPDX-License-Identifier: Apache-2.0
#include "simulate/ratio_law.hpp"

#include <cmath>
#include <numbers>

namespace hls::simulate {

// From dry soil (ndwi .25) to dense green (.82) coastal/red rises from .46 to .80, blue/red from
// .53 to .90 and SWIR2/red from 1.7 to 2.5.
RatioLaw ratio_law_at(geo::LonLat place) noexcept {
    constexpr double kTurn = 2 * std::numbers::pi;
    // Periodic in longitude: the law is the same on both sides of the antimeridian.
    const double wave = std::sin(kTurn * place.lon_deg / 7.2) * std::cos(kTurn * place.lat_deg / 9);
    const double shape = 1 + 0.06 * wave;
    return {{0.600 * shape, 0.310}, {0.642 * shape, 0.373}, {1.470 * shape, 1.300}};
}

}  // namespace hls::simulate
