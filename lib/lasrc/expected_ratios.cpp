// SPDX-License-Identifier: Apache-2.0
#include "lasrc/expected_ratios.hpp"

#include <algorithm>
#include <array>

namespace hls::lasrc {
namespace {

using ancillary::RatioCell;

// The four cells around a point and their bilinear weights. Truncation instead of floor and the
// clamp at the grid's edge are the reference's: west of -179.975 it extrapolates.
struct CellBlend {
    std::array<const RatioCell*, 4> cells;
    std::array<float, 4> weights;

    float operator()(float RatioCell::*field) const noexcept {
        return cells[0]->*field * weights[0] + cells[1]->*field * weights[1] +
               cells[2]->*field * weights[2] + cells[3]->*field * weights[3];
    }
};

CellBlend blend_at(const ancillary::Ancillary& ancillary, ancillary::GeoPoint place) noexcept {
    const auto y = static_cast<float>((89.975 - place.latitude_deg) * 20.);
    const auto x = static_cast<float>((179.975 + place.longitude_deg) * 20.);
    const int row = std::clamp(static_cast<int>(y), 0, ancillary::kCmgRows - 1);
    const int col = std::clamp(static_cast<int>(x), 0, ancillary::kCmgCols - 1);
    const int south = std::min(row + 1, ancillary::kCmgRows - 1);
    const int east = col + 1 < ancillary::kCmgCols ? col + 1 : 0;
    const float u = y - static_cast<float>(row);
    const float v = x - static_cast<float>(col);
    return {{&ancillary.ratio(row, col), &ancillary.ratio(row, east), &ancillary.ratio(south, col),
             &ancillary.ratio(south, east)},
            {(1.f - u) * (1.f - v), (1.f - u) * v, u * (1.f - v), u * v}};
}

}  // namespace

float water_index(float nir, float swir2) noexcept {
    const double half = static_cast<double>(swir2) * .5;
    const double n = static_cast<double>(nir);
    return static_cast<float>((n - half) / (n + half));
}

ExpectedRatios expected_ratios(const ancillary::Ancillary& ancillary, ancillary::GeoPoint place,
                               float index) noexcept {
    const CellBlend blend = blend_at(ancillary, place);
    const RatioCell& home = *blend.cells[0];
    const auto highest = static_cast<float>((home.mean_ndwi + 2. * home.std_ndwi) * .001);
    const auto lowest = static_cast<float>((home.mean_ndwi - 2. * home.std_ndwi) * .001);
    if (index > highest) index = highest;
    if (index < lowest) index = lowest;
    const auto ratio = [&](float RatioCell::*slope, float RatioCell::*intercept) {
        return index * blend(slope) + blend(intercept);
    };
    return {ratio(&RatioCell::slope1, &RatioCell::intercept1),
            ratio(&RatioCell::slope2, &RatioCell::intercept2),
            ratio(&RatioCell::slope7, &RatioCell::intercept7)};
}

}  // namespace hls::lasrc
