// SPDX-License-Identifier: Apache-2.0
#include "fmask/clear_pixels.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "fmask/cloud_probability.hpp"
#include "fmask/histogram.hpp"
#include "fmask/row_strips.hpp"

namespace hls::fmask {
namespace {

constexpr double kLow = 0.175;
constexpr double kHigh = 0.825;
constexpr int kElevationStepM = 100;
constexpr int kCirrusCloud = 100;  // 1e-4 above the base

// Histograms of value(row, column) where `where` is set, in parts added up.
template <typename Value>
Histogram histogram_of(const BitPlane& where, int low, int high, int threads, Value value) {
    std::vector<Histogram> parts(static_cast<std::size_t>(std::max(threads, 1)),
                                 Histogram(low, high));
    for_row_parts(where.rows(), static_cast<int>(parts.size()), threads,
                  [&](std::size_t part, int first, int end) {
                      for (int r = first; r < end; ++r)
                          for_each_set(where.row(r), [&](int c) { parts[part].add(value(r, c)); });
                  });
    return sum_of(parts);
}

template <typename T>
Histogram histogram_of(const BitPlane& where, View2D<const T> values, int threads) {
    return histogram_of(where, std::numeric_limits<std::int16_t>::min(),
                        std::numeric_limits<std::int16_t>::max(), threads,
                        [&](int r, int c) { return int{values(r, c)}; });
}

// Smallest and largest elevation of valid pixels.
std::pair<int, int> elevation_range(const BitPlane& valid, const Ground& ground) {
    int low = std::numeric_limits<int>::max();
    int high = std::numeric_limits<int>::min();
    for (int r = 0; r < valid.rows(); ++r)
        for_each_set(valid.row(r), [&](int c) {
            low = std::min<int>(low, ground.elevation_m(r, c));
            high = std::max<int>(high, ground.elevation_m(r, c));
        });
    return {low, high};
}

int floor_div(int a, int b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

// Temperature over elevation on a lattice of clear land, each 300 m of elevation given the same
// weight as far as it has pixels.
double lapse_rate(const Surface& surface, const Ground& ground, const BitPlane& land,
                  const SceneStatistics& s) {
    constexpr int kLattice = 15;
    constexpr int kStratumM = 300;
    constexpr double kSamples = 40000;
    struct Stratum {
        std::int64_t n = 0, z = 0, t = 0, zt = 0, zz = 0;
    };
    std::vector<Stratum> strata;
    const double low = *s.land_low_c * 100;
    const double high = *s.land_high_c * 100;
    for (int r = 0; r < land.rows(); r += kLattice)
        for (int c = 0; c < land.cols(); c += kLattice) {
            const std::int64_t t = surface.heat(r, c);
            if (!land(r, c) || static_cast<double>(t) < low || static_cast<double>(t) > high)
                continue;
            const std::int64_t z = ground.elevation_m(r, c) - s.lowest_m;
            const auto index = static_cast<std::size_t>(z / kStratumM);
            if (strata.size() <= index) strata.resize(index + 1);
            Stratum& stratum = strata[index];
            ++stratum.n;
            stratum.z += z;
            stratum.t += t;
            stratum.zt += z * t;
            stratum.zz += z * z;
        }
    double n = 0, z = 0, t = 0, zt = 0, zz = 0;
    for (const Stratum& stratum : strata) {
        if (stratum.n == 0) continue;
        const auto count = static_cast<double>(stratum.n);
        const double weight =
            std::min(count, kSamples / static_cast<double>(strata.size())) / count;
        n += weight * count;
        z += weight * static_cast<double>(stratum.z);
        t += weight * static_cast<double>(stratum.t);
        zt += weight * static_cast<double>(stratum.zt);
        zz += weight * static_cast<double>(stratum.zz);
    }
    const double spread = n * zz - z * z;
    return spread <= 0 ? 0 : std::min(0., (n * zt - z * t) / spread / 100);
}

}  // namespace

void find_cirrus_base(const Surface& surface, const Ground& ground, SceneStatistics& statistics,
                      int threads) {
    if (surface.cirrus.size() == 0) return;
    constexpr double kQuantile = 0.02;
    BitPlane clear = surface.valid;
    clear -= surface.potential_cloud;
    const auto base_of = [](const Histogram& values) -> std::optional<int> {
        const auto value = values.quantile(kQuantile);
        if (!value) return std::nullopt;
        return static_cast<int>(std::lround(*value));
    };
    if (ground.elevation_m.size() == 0) {
        const auto all = histogram_of(clear, kLowestCirrus, kHighestReflectance, threads,
                                      [&](int r, int c) { return int{surface.cirrus(r, c)}; });
        statistics.cirrus_base = {base_of(all).value_or(0)};
        return;
    }
    const auto [low, high] = elevation_range(surface.valid, ground);
    const int first = floor_div(low, kElevationStepM);
    const int bins = floor_div(high, kElevationStepM) - first + 1;
    // Cirrus reflectance of clear ground is far below 0.2.
    std::vector<Histogram> by_elevation(static_cast<std::size_t>(bins),
                                        Histogram(kLowestCirrus, 2000));
    for (int r = 0; r < clear.rows(); ++r)
        for_each_set(clear.row(r), [&](int c) {
            const int bin = floor_div(ground.elevation_m(r, c), kElevationStepM) - first;
            by_elevation[static_cast<std::size_t>(bin)].add(surface.cirrus(r, c));
        });
    statistics.cirrus_base_from_m = first * kElevationStepM;
    statistics.cirrus_base.clear();
    int last = 0;
    for (const Histogram& values : by_elevation) {
        last = base_of(values).value_or(last);
        statistics.cirrus_base.push_back(last);
    }
}

void apply_cirrus(Surface& surface, const Ground& ground, const SceneStatistics& statistics,
                  int threads) {
    if (surface.cirrus.size() == 0) return;
    const auto& base = statistics.cirrus_base;
    const bool flat = base.size() < 2 || ground.elevation_m.size() == 0;
    for_row_strips(surface.cirrus.rows(), threads, [&](int first, int end) {
        std::vector<std::uint8_t> bytes(static_cast<std::size_t>(surface.cirrus.cols()));
        std::vector<std::uint64_t> bits(surface.valid.row_words());
        for (int r = first; r < end; ++r) {
            const auto row = surface.cirrus.row(r);
            for (std::size_t c = 0; c < row.size(); ++c) {
                int below = base.empty() ? 0 : base.front();
                if (!flat) {
                    const int z = ground.elevation_m(r, static_cast<int>(c));
                    const int bin = floor_div(z - statistics.cirrus_base_from_m, kElevationStepM);
                    below = base[static_cast<std::size_t>(
                        std::clamp(bin, 0, static_cast<int>(base.size()) - 1))];
                }
                row[c] = static_cast<std::int16_t>(std::max(0, row[c] - below));
                bytes[c] = row[c] > kCirrusCloud;
            }
            pack_row(bytes, bits);
            const auto cloud = surface.potential_cloud.row(r);
            const auto valid = surface.valid.row(r);
            for (std::size_t w = 0; w < bits.size(); ++w) cloud[w] |= bits[w] & valid[w];
        }
    });
}

BitPlane add_known_water(Surface& surface, const Ground& ground, SceneStatistics& statistics,
                         bool known, int threads) {
    BitPlane all = surface.water;
    const auto& occurrence = ground.water_occurrence;
    if (occurrence.size() == 0) return all;
    if (!known) {
        const auto over_water = histogram_of(surface.water, 0, 100, threads,
                                             [&](int r, int c) { return int{occurrence(r, c)}; });
        if (const auto low = over_water.quantile(kLow))
            statistics.water_occurrence_above = *low - 5;
    }
    const double above = statistics.water_occurrence_above.value_or(0);
    if (above <= 0) return all;
    for_row_strips(occurrence.rows(), threads, [&](int first, int end) {
        for (int r = first; r < end; ++r) {
            const auto row = occurrence.row(r);
            for (int c = 0; c < occurrence.cols(); ++c)
                if (row[static_cast<std::size_t>(c)] > above &&
                    row[static_cast<std::size_t>(c)] <= 100)
                    all.set(r, c);
            const auto here = all.row(r);
            const auto water = surface.water.row(r);
            const auto valid = surface.valid.row(r);
            const auto snow = surface.snow.row(r);
            for (std::size_t w = 0; w < here.size(); ++w) {
                here[w] &= valid[w];
                water[w] |= here[w] & ~snow[w];
            }
        }
    });
    return all;
}

ClearPixels clear_pixels(const Surface& surface, const Profile& profile) {
    ClearPixels clear;
    clear.land = surface.valid;
    clear.land -= surface.potential_cloud;
    clear.water = clear.land;
    if (profile.clear_by_old_rule) {
        clear.water = surface.dark_swir2;
        clear.water &= surface.valid;
    }
    clear.water &= surface.water;
    const BitPlane all = clear.land;
    clear.land -= surface.water;
    // Too little land to stand for the scene: all that is clear does.
    if (clear.land.count() * 1000 < surface.valid.count()) clear.land = all;
    return clear;
}

void find_clear_percentiles(const Surface& surface, const ClearPixels& clear,
                            SceneStatistics& statistics, int threads) {
    SceneStatistics& s = statistics;
    const auto heat = [&](const BitPlane& where) {
        return histogram_of<std::int16_t>(where, surface.heat.view(), threads);
    };
    const Histogram land = heat(clear.land);
    if (s.thermal) {
        const auto degrees = [](std::optional<double> hundredths) {
            return hundredths ? std::optional(*hundredths / 100) : std::nullopt;
        };
        s.land_low_c = degrees(land.quantile(kLow));
        s.land_high_c = degrees(land.quantile(kHigh));
        s.water_high_c = degrees(heat(clear.water).quantile(kHigh));
    } else {
        s.hot_low = land.quantile(kLow).value_or(0) * kHotUnit;
        s.hot_high = land.quantile(kHigh).value_or(0) * kHotUnit;
    }
    find_background(surface, clear.land, s, threads);
}

void find_background(const Surface& surface, const BitPlane& land, SceneStatistics& statistics,
                     int threads) {
    const auto background = [&](View2D<const std::uint16_t> band) {
        if (const auto dark = histogram_of(land, band, threads).quantile(kLow))
            return std::max(0, static_cast<int>(std::lround(*dark)));
        const auto all = histogram_of(surface.valid, band, threads).quantile(0);
        return std::max(0, static_cast<int>(std::lround(all.value_or(0))));
    };
    statistics.nir_background = background(surface.nir.inner());
    statistics.swir1_background = background(surface.swir1.inner());
}

void find_lapse_rate(const Surface& surface, const Ground& ground, const ClearPixels& clear,
                     SceneStatistics& statistics) {
    statistics.lowest_m = elevation_range(surface.valid, ground).first;
    statistics.lapse_c_per_m = lapse_rate(surface, ground, clear.land, statistics);
}

void normalise_temperature(Surface& surface, const Ground& ground,
                           const SceneStatistics& statistics, int threads) {
    if (!statistics.thermal || statistics.lapse_c_per_m == 0 || ground.elevation_m.size() == 0)
        return;
    for_row_strips(surface.heat.rows(), threads, [&](int first, int end) {
        for (int r = first; r < end; ++r)
            for (int c = 0; c < surface.heat.cols(); ++c) {
                const double above = ground.elevation_m(r, c) - statistics.lowest_m;
                const double warmer = std::round(-100 * statistics.lapse_c_per_m * above);
                surface.heat(r, c) = static_cast<std::int16_t>(
                    std::clamp(surface.heat(r, c) + warmer, -32768., 32767.));
            }
    });
}

void find_thresholds(const Surface& surface, const ClearPixels& clear, const Profile& profile,
                     SceneStatistics& statistics, int threads) {
    const CloudProbability probability(statistics, profile);
    const bool cirrus = surface.cirrus.size() > 0;
    const auto swir1 = surface.swir1.inner();
    const auto threshold = [&](const BitPlane& where, auto value) -> std::optional<double> {
        const auto high =
            histogram_of(where, kLowestProbability, kHighestProbability, threads, value)
                .quantile(kHigh);
        if (!high) return std::nullopt;
        return *high / kProbabilityUnit + profile.probability_offset;
    };
    const auto over_land = threshold(clear.land, [&](int r, int c) {
        return probability.over_land(surface.heat(r, c), surface.variability(r, c),
                                     cirrus ? surface.cirrus(r, c) : 0);
    });
    statistics.land_threshold = over_land.value_or(profile.probability_offset);
    statistics.water_threshold =
        profile.fixed_water_threshold
            ? profile.fixed_water_threshold
            : threshold(clear.water, [&](int r, int c) {
                  return probability.over_water(surface.heat(r, c), swir1(r, c),
                                                cirrus ? surface.cirrus(r, c) : 0);
              });
}

}  // namespace hls::fmask
