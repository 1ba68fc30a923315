// SPDX-License-Identifier: Apache-2.0
#include "fmask/cloud_test.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "fmask/cloud_probability.hpp"
#include "fmask/histogram.hpp"
#include "fmask/morphology.hpp"
#include "fmask/row_strips.hpp"

namespace hls::fmask {
namespace {

constexpr double kSurroundingsM = 250;  // how far a bright surface reaches into its surroundings
constexpr double kRimM = 90;            // width of the rim of a cloud
constexpr std::int64_t kSmallObject = 10000;
constexpr std::int64_t kTinyObject = 3;
constexpr double kColdC = 35;  // below the 17.5th percentile of clear land: cloud for certain

// NDBI of a row, 1e-4; 0 where it is not known. `out` has one more element on each side.
void built_up_index(const Surface& surface, int row, std::vector<int>& out) {
    std::fill(out.begin(), out.end(), 0);
    if (row < 0 || row >= surface.valid.rows()) return;
    const auto nir = surface.nir.inner();
    const auto swir1 = surface.swir1.inner();
    for_each_set(surface.valid.row(row), [&](int c) {
        const int n = nir(row, c);
        const int s = swir1(row, c);
        if (n + s == 0) return;
        const double index = static_cast<double>(s - n) / (s + n);
        out[static_cast<std::size_t>(c) + 1] = static_cast<int>(std::lround(index * 1e4));
    });
}

// Six times the strongest response to a line through the middle of 3 x 3 values, each array
// starting one column to the left.
int line_response(const int* above, const int* here, const int* below) {
    const int all = above[0] + above[1] + above[2] + here[0] + here[1] + here[2] + below[0] +
                    below[1] + below[2];
    const int lines = std::max({above[1] + here[1] + below[1], here[0] + here[1] + here[2],
                                above[0] + here[1] + below[2], above[2] + here[1] + below[0]});
    return 3 * lines - all;
}

// Thresholds in the units of probabilities; a probability is a whole number.
int whole_threshold(double threshold) {
    return static_cast<int>(std::floor(std::clamp(threshold, -10., 100.) * kProbabilityUnit));
}

struct CloudRule {
    CloudRule(const SceneStatistics& statistics, const Profile& profile)
        : land_above(whole_threshold(statistics.land_threshold)),
          water_above(whole_threshold(statistics.water_threshold.value_or(0))),
          water_known(statistics.water_threshold.has_value()),
          either_over_water(profile.either_over_water),
          certain_above(profile.certain_over_land ? whole_threshold(0.99)
                                                  : std::numeric_limits<int>::max()),
          cold_below(statistics.thermal ? (*statistics.land_low_c - kColdC) * 100 : -1e9) {}

    int land_above, water_above;
    bool water_known, either_over_water;
    int certain_above;
    double cold_below;  // 0.01 deg C
};

// Whether each object has a pixel of `plane`.
std::vector<std::uint8_t> objects_with(const Objects& objects, const BitPlane& plane) {
    std::vector<std::uint8_t> has(objects.count());
    for (const Run& run : objects.runs) {
        if (has[run.object]) continue;
        for (int c = run.first; c < run.end && !has[run.object]; ++c)
            has[run.object] = plane(run.row, c);
    }
    return has;
}

}  // namespace

BitPlane find_built_up(const Surface& surface, int threads) {
    BitPlane built_up(surface.valid.rows(), surface.valid.cols());
    const int cols = built_up.cols();
    const auto nir = surface.nir.inner();
    for_row_strips(built_up.rows(), threads, [&](int first, int end) {
        std::vector<int> above(static_cast<std::size_t>(cols) + 2), here(above), below(above);
        built_up_index(surface, first - 1, above);
        built_up_index(surface, first, here);
        std::vector<std::uint8_t> bytes(static_cast<std::size_t>(cols));
        for (int r = first; r < end; ++r) {
            built_up_index(surface, r + 1, below);
            for (int c = 0; c < cols; ++c) {
                const int response =
                    line_response(above.data() + c, here.data() + c, below.data() + c);
                const std::int64_t sum = nir(r, c) + surface.red(r, c);
                const std::int64_t difference = nir(r, c) - surface.red(r, c);
                // response / 6e4 > difference / sum, whose value is 0.01 if the sum is 0
                const bool above_ndvi =
                    sum == 0 ? response > 600 : response * sum > 60000 * difference;
                bytes[static_cast<std::size_t>(c)] = response > 0 && above_ndvi;
            }
            pack_row(bytes, built_up.row(r));
            std::swap(above, here);
            std::swap(here, below);
        }
    });
    built_up &= surface.valid;
    built_up -= surface.water;
    return built_up;
}

std::optional<double> built_up_split_c(const Surface& surface, const BitPlane& built_up,
                                       int threads) {
    std::vector<Histogram> parts(static_cast<std::size_t>(std::max(threads, 1)),
                                 Histogram(std::numeric_limits<std::int16_t>::min(),
                                           std::numeric_limits<std::int16_t>::max()));
    for_row_parts(built_up.rows(), static_cast<int>(parts.size()), threads,
                  [&](std::size_t part, int first, int end) {
                      for (int r = first; r < end; ++r)
                          for_each_set(built_up.row(r),
                                       [&](int c) { parts[part].add(surface.heat(r, c)); });
                  });
    const auto split = sum_of(parts).otsu_split();
    if (!split) return std::nullopt;
    return *split / 100;
}

BitPlane find_probable_cloud(const Surface& surface, const SceneStatistics& statistics,
                             const Profile& profile, int threads) {
    if (!statistics.enough_clear) return surface.potential_cloud;
    const CloudProbability probability(statistics, profile);
    const CloudRule rule(statistics, profile);
    const bool cirrus_known = surface.cirrus.size() > 0;
    const auto swir1 = surface.swir1.inner();
    BitPlane cloud(surface.valid.rows(), surface.valid.cols());
    const auto is_cloud = [&](int r, int c) {
        const auto heat = surface.heat(r, c);
        if (heat < rule.cold_below) return true;
        const bool water = surface.water(r, c);
        const bool potential = surface.potential_cloud(r, c);
        if (!potential && (water || !profile.certain_over_land)) return false;
        const int cirrus = cirrus_known ? surface.cirrus(r, c) : 0;
        if (water && rule.water_known) {
            if (probability.over_water(heat, swir1(r, c), cirrus) > rule.water_above) return true;
            if (!rule.either_over_water) return false;
        }
        const int over_land = probability.over_land(heat, surface.variability(r, c), cirrus);
        return (potential && over_land > rule.land_above) ||
               (!water && over_land > rule.certain_above);
    };
    for_row_strips(cloud.rows(), threads, [&](int first, int end) {
        std::vector<std::uint8_t> bytes(static_cast<std::size_t>(cloud.cols()));
        for (int r = first; r < end; ++r) {
            std::fill(bytes.begin(), bytes.end(), std::uint8_t{0});
            for_each_set(surface.valid.row(r),
                         [&](int c) { bytes[static_cast<std::size_t>(c)] = is_cloud(r, c); });
            pack_row(bytes, cloud.row(r));
        }
    });
    if (profile.majority_fill) {
        cloud = majority_of_nine(cloud, threads);
        cloud &= surface.valid;
    }
    return cloud;
}

BitPlane remove_bright_surfaces(const BitPlane& cloud, const BrightSurfaces& bright,
                                const BitPlane& water, const Parallax* parallax, double pixel_m,
                                int threads) {
    BitPlane suspect = bright.built_up;
    if (bright.steep_snow.rows() > 0) suspect |= bright.steep_snow;
    suspect = dilate_square(suspect, static_cast<int>(kSurroundingsM / pixel_m), threads);
    suspect |= bright.snow;
    // What is beyond doubt: not suspect, or well inside.
    BitPlane sure = cloud;
    suspect -= erode_disk(cloud, static_cast<int>(kRimM / pixel_m), threads);
    sure -= suspect;

    Objects objects = find_objects(cloud);
    const auto has_sure = objects_with(objects, sure);
    BitPlane left = cloud;
    left &= water;
    left |= paint_runs(objects, cloud.rows(), cloud.cols(),
                       [&](const Run& run) { return has_sure[run.object] != 0; });

    objects = find_objects(left);
    std::vector<std::uint8_t> moves(objects.count(), 1);
    if (parallax != nullptr) moves = objects_with(objects, parallax->some);
    return paint_runs(objects, cloud.rows(), cloud.cols(), [&](const Run& run) {
        const std::int64_t area = objects.areas[run.object];
        return area >= kTinyObject && (moves[run.object] || area >= kSmallObject);
    });
}

}  // namespace hls::fmask
