// SPDX-License-Identifier: Apache-2.0
// Numbers that describe a whole tile: coverage and mean angles (tiling.md 2.7, 2.10, 3.6).
#pragma once

#include <cstdint>
#include <span>

#include "tile/nbar.hpp"

namespace hls::tile {

// Integer sums: the result does not depend on the order of adding.
struct CoverageCounts {
    std::int64_t valid = 0;
    std::int64_t cloudy = 0;  // of the valid ones: cirrus, cloud or shadow, not adjacent

    CoverageCounts& operator+=(const CoverageCounts& other) noexcept;
    // Percent of `pixels` that are valid; `rounded` for L30, cut for S30.
    int spatial_percent(std::int64_t pixels, bool rounded) const noexcept;
    int cloud_percent() const noexcept;  // of the valid pixels, rounded; 0 without any
};

// `band` is the near infrared.
CoverageCounts count_coverage(std::span<const std::int16_t> band,
                              std::span<const std::uint8_t> mask) noexcept;

struct AngleSums {
    AnglePrecision precision = AnglePrecision::l30_double;
    std::int64_t count = 0;
    // In units of unit_deg(precision).
    std::uint64_t sun_zenith = 0, sun_azimuth = 0, view_zenith = 0, view_azimuth = 0;

    AngleSums& operator+=(const AngleSums& other) noexcept;
    // Plain mean in degrees, also of azimuths; NaN without any pixel.
    double mean_deg(std::uint64_t sum) const noexcept;
};

// Over pixels where `band` (B01) is valid and no angle is fill. In single precision the angles are
// those that S30's program holds, which moves a mean by up to 1e-5 deg.
AngleSums sum_angles(std::span<const std::int16_t> band, const AngleRow& angles,
                     AnglePrecision precision = AnglePrecision::l30_double) noexcept;

}  // namespace hls::tile
