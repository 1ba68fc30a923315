// SPDX-License-Identifier: Apache-2.0
// The nine vegetation indices of HLS-VI (tiling.md 5.9).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/view2d.hpp"
#include "granule/hls.hpp"

namespace hls::product {

inline constexpr int kIndexFill = -19999;

enum class Index { ndvi, evi, msavi, nbr, nbr2, ndmi, ndwi, savi, tvi };

struct IndexSpec {
    Index index{};
    std::string_view name;
    std::string_view long_name;
    double scale = 1e-4;
};

// In the order of the published STAC items: NDVI EVI MSAVI NBR NBR2 NDMI NDWI SAVI TVI.
std::span<const IndexSpec> vegetation_indices() noexcept;

// Blue, green, red, near infrared and the two short-wave bands of a sensor: B05, B06, B07 of L30;
// B8A, B11, B12 of S30.
std::array<std::string_view, 6> index_bands(granule::HlsSensor sensor) noexcept;

// Rows of the six bands (reflectance * 1e4) and of the Fmask layer, all of one shape.
struct IndexInput {
    std::array<View2D<const std::int16_t>, 6> bands;
    View2D<const std::uint8_t> mask;
};

// Index / scale, rounded half to even and cut to int16; kIndexFill where a band is fill or not
// positive, or the mask shows cloud, its surroundings or shadow.
void compute_index(const IndexSpec& spec, const IndexInput& input,
                   View2D<std::int16_t> out) noexcept;

}  // namespace hls::product
