// SPDX-License-Identifier: Apache-2.0
#include "tile/tile_summary.hpp"

#include <vector>

#include "tile/fmask_bits.hpp"
#include "tile/stored_value.hpp"

namespace hls::tile {
namespace {

// Every float of 0.01 to 655.35 is a whole number of these, so that sums are exact.
constexpr double kSinglesPerDegree = 1U << 30;

// Stored angle to the float that is nearest to its degrees.
const std::vector<std::uint64_t>& singles() {
    static const auto table = [] {
        constexpr double kCountsPerDegree = 100;
        std::vector<std::uint64_t> values(65536);
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = static_cast<std::uint64_t>(
                static_cast<double>(static_cast<float>(static_cast<double>(i) / kCountsPerDegree)) *
                kSinglesPerDegree);
        return values;
    }();
    return table;
}

}  // namespace

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
    precision = other.precision;
    count += other.count;
    sun_zenith += other.sun_zenith;
    sun_azimuth += other.sun_azimuth;
    view_zenith += other.view_zenith;
    view_azimuth += other.view_azimuth;
    return *this;
}

double AngleSums::mean_deg(std::uint64_t sum) const noexcept {
    const double unit =
        precision == AnglePrecision::s30_float ? 1 / kSinglesPerDegree : kDegreesPerCount;
    return static_cast<double>(sum) * unit / static_cast<double>(count);
}

AngleSums sum_angles(std::span<const std::int16_t> band, const AngleRow& angles,
                     AnglePrecision precision) noexcept {
    AngleSums sums;
    sums.precision = precision;
    const auto add_all = [&](auto in_units) {
        for (std::size_t i = 0; i < band.size(); ++i) {
            const SunView here = angles.at(i);
            if (band[i] == kFill || here.has_fill()) continue;
            ++sums.count;
            sums.sun_zenith += in_units(here.sun_zenith);
            sums.sun_azimuth += in_units(here.sun_azimuth);
            sums.view_zenith += in_units(here.view_zenith);
            sums.view_azimuth += in_units(here.view_azimuth);
        }
    };
    if (precision == AnglePrecision::s30_float)
        add_all([&table = singles()](std::uint16_t stored) { return table[stored]; });
    else
        add_all([](std::uint16_t stored) { return std::uint64_t{stored}; });
    return sums;
}

}  // namespace hls::tile
