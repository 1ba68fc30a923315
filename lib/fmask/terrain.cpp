// SPDX-License-Identifier: Apache-2.0
#include "fmask/terrain.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "fmask/row_strips.hpp"

namespace hls::fmask {
namespace {

constexpr double kRadians = std::numbers::pi / 180;
constexpr double kSteepDeg = 20;
constexpr double kNoticeable = 0.05;
constexpr double kGrazing = 0.1;  // cosine of incidence below which nothing is left to correct

// Rise of the ground per metre.
struct Gradient {
    double east = 0;
    double north = 0;

    double squared() const { return east * east + north * north; }
};

Gradient gradient_at(const Plane<std::int16_t>& elevation_m, double pixel_m, int r, int c) {
    const int up = std::max(r - 1, 0);
    const int down = std::min(r + 1, elevation_m.rows() - 1);
    const int left = std::max(c - 1, 0);
    const int right = std::min(c + 1, elevation_m.cols() - 1);
    const auto per_metre = [&](int rise, int pixels) {
        return pixels == 0 ? 0. : rise / (pixels * pixel_m);
    };
    return {per_metre(elevation_m(r, right) - elevation_m(r, left), right - left),
            per_metre(elevation_m(up, c) - elevation_m(down, c), down - up)};
}

}  // namespace

BitPlane steep_snow(const BitPlane& snow, const Plane<std::int16_t>& elevation_m, double pixel_m,
                    int threads) {
    BitPlane steep(snow.rows(), snow.cols());
    const double tangent = std::tan(kSteepDeg * kRadians);
    for_row_strips(snow.rows(), threads, [&](int first, int end) {
        for (int r = first; r < end; ++r)
            for_each_set(snow.row(r), [&](int c) {
                if (gradient_at(elevation_m, pixel_m, r, c).squared() > tangent * tangent)
                    steep.set(r, c);
            });
    });
    return steep;
}

void level_illumination(Surface& surface, const Plane<std::int16_t>& elevation_m,
                        const SceneTraits& traits, int threads) {
    const double zenith = traits.sun_zenith_deg * kRadians;
    const double azimuth = traits.sun_azimuth_deg * kRadians;
    const double level = std::cos(zenith);
    const double sun_east = std::sin(zenith) * std::sin(azimuth);
    const double sun_north = std::sin(zenith) * std::cos(azimuth);
    const auto nir = surface.nir.inner();
    const auto swir1 = surface.swir1.inner();
    for_row_strips(nir.rows(), threads, [&](int first, int end) {
        for (int r = first; r < end; ++r)
            for (int c = 0; c < nir.cols(); ++c) {
                const Gradient g = gradient_at(elevation_m, traits.grid.pixel_m, r, c);
                const double cos_slope = 1 / std::sqrt(1 + g.squared());
                const double incidence =
                    cos_slope * (level - g.east * sun_east - g.north * sun_north);
                if (std::abs(incidence - level) <= kNoticeable) continue;
                const double factor = cos_slope * level / std::max(incidence, kGrazing);
                for (std::uint16_t* value : {&nir(r, c), &swir1(r, c)})
                    *value = static_cast<std::uint16_t>(
                        std::min<double>(*value * factor + 0.5, kHighestReflectance));
            }
    });
}

}  // namespace hls::fmask
