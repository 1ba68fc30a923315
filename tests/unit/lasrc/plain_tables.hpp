// SPDX-License-Identifier: Apache-2.0
// OLI tables whose values are plain functions of their axes, for tests.
#pragma once

#include <algorithm>
#include <functional>

#include "atmosphere/angle_grid.hpp"
#include "atmosphere/bands.hpp"
#include "atmosphere/tables.hpp"

namespace hls::lasrc {

inline std::size_t table_row(int pressure, int aot) {
    return static_cast<std::size_t>(pressure * atmosphere::kAots + aot);
}

// Transmittance(pressure hPa, aot, zenith deg) as given, path reflectance and albedo 0.
inline atmosphere::Tables plain_tables(
    const std::function<float(float, float, float)>& transmittance, float extinction = 1.f) {
    using namespace atmosphere;
    Tables tables;
    tables.sensor = Sensor::oli;
    tables.source = "plain";
    tables.angles = make_angle_grid(6, 0);
    const auto rows = table_row(kPressures, 0);
    for (const auto& constants : band_constants(Sensor::oli)) {
        BandTable band;
        band.name = constants.name;
        band.path_reflectance.assign(rows * static_cast<std::size_t>(tables.angles.entries), 0.f);
        band.spherical_albedo.assign(rows, 0.f);
        band.extinction.assign(rows, extinction);
        for (const float pressure : kPressureHpa)
            for (const float aot : kAot550)
                for (const float zenith : tables.angles.sun_zenith_deg)
                    band.transmittance.push_back(transmittance(pressure, aot, zenith));
        tables.bands.push_back(band);
    }
    return tables;
}

// The same path reflectance(pressure, aot) in every direction and band.
inline void fill_path(atmosphere::Tables& tables, const std::function<float(float, float)>& value) {
    using namespace atmosphere;
    const auto entries = static_cast<std::size_t>(tables.angles.entries);
    for (auto& band : tables.bands)
        for (int p = 0; p < kPressures; ++p)
            for (int a = 0; a < kAots; ++a)
                std::fill_n(band.path_reflectance.begin() +
                                static_cast<std::ptrdiff_t>(table_row(p, a) * entries),
                            entries,
                            value(kPressureHpa[static_cast<std::size_t>(p)],
                                  kAot550[static_cast<std::size_t>(a)]));
}

// Path reflectance by scattering angle (deg) alone.
inline void fill_path_by_angle(atmosphere::Tables& tables,
                               const std::function<float(float)>& value) {
    const auto& grid = tables.angles;
    const auto entries = static_cast<std::size_t>(grid.entries);
    for (int view = 0; view < grid.count.rows(); ++view)
        for (int sun = 0; sun < grid.count.cols(); ++sun)
            for (int k = 0; k < grid.count(view, sun); ++k) {
                const float angle =
                    std::max(grid.ts_max_deg(view, sun) - 4.f * static_cast<float>(k),
                             grid.ts_min_deg(view, sun));
                const auto entry = static_cast<std::size_t>(grid.first(view, sun) + k);
                for (auto& band : tables.bands)
                    for (std::size_t row = 0; row < band.spherical_albedo.size(); ++row)
                        band.path_reflectance[row * entries + entry] = value(angle);
            }
}

}  // namespace hls::lasrc
