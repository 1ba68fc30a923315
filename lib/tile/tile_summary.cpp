// SPDX-License-Identifier: Apache-2.0
#include "tile/tile_summary.hpp"

#include "tile/fmask_bits.hpp"
#include "tile/stored_value.hpp"

namespace hls::tile {

CoverageCounts& CoverageCounts::operator+=(const CoverageCounts& other) noexcept {
    valid += other.valid;
    cloudy += other.cloudy;
    return *this;
}

int CoverageCounts::spatial_percent(std::int64_t pixels, bool rounded) const noexcept {
    const double percent = 100.0 * static_cast<double>(valid) / static_cast<double>(pixels);
    return static_cast<int>(rounded ? percent + 0.5 : percent);
}

int CoverageCounts::cloud_percent() const noexcept {
    if (valid == 0) return 0;
    return static_cast<int>(100.0 * static_cast<double>(cloudy) / static_cast<double>(valid) + 0.5);
}

CoverageCounts count_coverage(std::span<const std::int16_t> band,
                              std::span<const std::uint8_t> mask) noexcept {
    CoverageCounts counts;
    for (std::size_t i = 0; i < band.size(); ++i) {
        const bool valid = band[i] != kFill;
        counts.valid += valid;
        counts.cloudy += valid && (mask[i] & fmask::kCloudy) != 0;
    }
    return counts;
}

AngleSums& AngleSums::operator+=(const AngleSums& other) noexcept {
    count += other.count;
    sun_zenith += other.sun_zenith;
    sun_azimuth += other.sun_azimuth;
    view_zenith += other.view_zenith;
    view_azimuth += other.view_azimuth;
    return *this;
}

double AngleSums::mean_deg(std::uint64_t sum) const noexcept {
    return static_cast<double>(sum) * kDegreesPerCount / static_cast<double>(count);
}

AngleSums sum_angles(std::span<const std::int16_t> band, const AngleRow& angles) noexcept {
    AngleSums sums;
    for (std::size_t i = 0; i < band.size(); ++i) {
        const SunView here = angles.at(i);
        if (band[i] == kFill || here.has_fill()) continue;
        ++sums.count;
        sums.sun_zenith += here.sun_zenith;
        sums.sun_azimuth += here.sun_azimuth;
        sums.view_zenith += here.view_zenith;
        sums.view_azimuth += here.view_azimuth;
    }
    return sums;
}

}  // namespace hls::tile
