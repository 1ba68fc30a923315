// SPDX-License-Identifier: Apache-2.0
#include "simulate/sky.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "simulate/noise.hpp"
#include "simulate/quantile.hpp"

namespace hls::simulate {
namespace {

constexpr double kCloudTopM = 1900;
constexpr float kSoftness = 0.06f;  // of a cloud's border, in units of its field
constexpr float kHalo = 0.045f;     // how far below the level USGS still dilates
constexpr std::uint32_t kAerosol = 0x10000, kCloud = 0x20000, kCirrus = 0x30000;

float smooth_step(float low, float high, float value) noexcept {
    const float t = std::clamp((value - low) / (high - low), 0.f, 1.f);
    return t * t * (3 - 2 * t);
}

}  // namespace

const std::array<float, kReflectiveBands>& cloud_reflectance() noexcept {
    static constexpr std::array<float, kReflectiveBands> values{.66f, .64f, .63f, .65f,
                                                                .67f, .50f, .38f};
    return values;
}

Sky::Sky(const SceneRequest& request, const SceneGeometry& geometry)
    : seed_(scramble(request.seed + 0x5bd1e995U)),
      x0_(std::round(request.ul_center_x_m / kPixelM)),
      y0_(std::round(-request.ul_center_y_m / kPixelM)),
      aot_mean_(request.aot_mean),
      aot_spread_(request.aot_spread),
      aot_min_(std::max(0.01, request.aot_mean - request.aot_spread)),
      aot_max_(std::max(0.01, request.aot_mean + request.aot_spread)),
      cloudy_(request.cloud_fraction > 0) {
    const double degree = std::numbers::pi / 180;
    const double reach =
        kCloudTopM * std::tan(std::min(75.0, geometry.center_sun_zenith_deg()) * degree) / kPixelM;
    shadow_dx_ = reach * std::sin(geometry.center_sun_azimuth_deg() * degree);
    shadow_dy_ = -reach * std::cos(geometry.center_sun_azimuth_deg() * degree);
    if (cloudy_)
        level_ = static_cast<float>(
            upper_quantile(request.rows, request.cols, request.cloud_fraction,
                           [this](int row, int col) { return cloud_field(x0_ + col, y0_ + row); }));
}

double Sky::aot550(double row, double col) const noexcept {
    const double x = (x0_ + col) / 190;
    const double y = (y0_ + row) / 190;
    const double noise = 2.2 * fractal_noise(x, y, seed_ + kAerosol, 2);
    return std::max(0.01, aot_mean_ + aot_spread_ * std::clamp(noise, -1.0, 1.0));
}

float Sky::cloud_field(double x, double y) const noexcept {
    // Fair-weather clouds gather where the weather lets them.
    const float weather = gradient_noise(x / 1300, y / 1300, seed_ + kCloud + 55);
    return fractal_noise(x / 150, y / 150, seed_ + kCloud, 6) + 0.3f * weather;
}

SkyPixel Sky::at(int row, int col) const noexcept {
    SkyPixel sky;
    if (!cloudy_) return sky;
    const double x = x0_ + col;
    const double y = y0_ + row;
    const float field = cloud_field(x, y);
    const float shade = cloud_field(x + shadow_dx_, y + shadow_dy_);
    const float thickness = field - level_;
    sky.cloud = smooth_step(-0.25f * kSoftness, kSoftness, thickness);
    sky.near_cloud = thickness > -kHalo;
    sky.shadow = 0.75f * smooth_step(0, kSoftness, shade - level_);
    sky.brightness = 0.62f + 0.30f * smooth_step(0, 0.35f, thickness) +
                     0.10f * gradient_noise(x / 9, y / 9, seed_ + kCloud + 99);
    sky.top_k = 284.f - 30.f * smooth_step(0, 0.4f, thickness);
    // Ice in long streaks.
    const float ice = fractal_noise((x + 0.5 * y) / 160, (y - 0.5 * x) / 600, seed_ + kCirrus, 4);
    sky.cirrus = 0.05f * smooth_step(0.22f, 0.6f, ice) + 0.012f * sky.cloud;
    return sky;
}

}  // namespace hls::simulate
