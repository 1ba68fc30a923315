// SPDX-License-Identifier: Apache-2.0
#include "simulate/scene_renderer.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "scene/ac_scene.hpp"
#include "simulate/noise.hpp"

namespace hls::simulate {
namespace {

// Channels of the coarse fields; the optics follow, three for each band.
enum Channel : int {
    kSunZenith,
    kSunAzimuth,
    kView,
    kAot,
    kCoastalSlope,
    kCoastalIntercept,
    kBlueSlope,
    kBlueIntercept,
    kSwir2Slope,
    kSwir2Intercept,
    kOptics,
    kChannels = kOptics + 3 * kReflectiveBands,
};

// Reflectance of noise in dark scenes, from OLI's signal-to-noise ratios; B10, B11 in kelvin.
constexpr float kReflectanceNoise[9] = {6e-4f, 4e-4f, 3e-4f, 3e-4f, 4e-4f,
                                        3e-4f, 2e-4f, 4e-4f, 2e-4f};
constexpr float kThermalNoiseK = 0.05f;
constexpr std::uint32_t kNoiseStream = 0x40000;

constexpr float kClearCirrusBand = 0.0012f;  // what band 9 sees of a moist clear sky
constexpr float kMaskCloud = 0.3f, kMaskCirrus = 0.008f, kMaskShadow = 0.15f;

std::uint16_t digital_number(double value) noexcept {
    return static_cast<std::uint16_t>(std::clamp(std::lround(value), 1L, 65535L));
}

std::int16_t centidegrees(double degrees) noexcept {
    return static_cast<std::int16_t>(std::lround(100 * degrees));
}

std::uint16_t encode_reflectance(float reflectance) noexcept {
    return digital_number((double(reflectance) - scene::kReflectanceOffset) /
                          scene::kReflectanceScale);
}

std::uint8_t truth_code(const SkyPixel& sky, bool water) noexcept {
    if (sky.cloud > 0 || sky.cirrus > 0) return kTruthCloud;
    if (sky.shadow > 0) return kTruthShadow;
    return water ? kTruthWater : kTruthLand;
}

// Half-way between the ends of the view range, with sun and sensor azimuth at the centre.
SceneSpan span_of(const SceneRequest& request, const SceneGeometry& geometry, const Sky& sky) {
    SceneSpan span{90, 0, 90, -90, 0, sky.aot_min(), sky.aot_max()};
    for (int j = 0; j <= 4; ++j)
        for (int i = 0; i <= 4; ++i) {
            const PixelAngles angles = geometry.at(j * (request.rows + CoarseFields::kStep) / 4.0,
                                                   i * (request.cols + CoarseFields::kStep) / 4.0);
            span.sun_low_deg = std::min(span.sun_low_deg, angles.sun_zenith_deg);
            span.sun_high_deg = std::max(span.sun_high_deg, angles.sun_zenith_deg);
            span.view_low_deg = std::min(span.view_low_deg, angles.view_signed_deg);
            span.view_high_deg = std::max(span.view_high_deg, angles.view_signed_deg);
        }
    span.azimuth_east_deg = std::fabs(
        wrap_azimuth(geometry.center_sun_azimuth_deg() - geometry.view_azimuth_deg(true)));
    return span;
}

}  // namespace

std::uint16_t qa_pixel(const SkyPixel& sky, bool water) noexcept {
    const bool cloud = sky.cloud > kMaskCloud;
    const bool dilated = !cloud && sky.near_cloud;
    const bool cirrus = sky.cirrus > kMaskCirrus;
    const bool shadow = !cloud && sky.shadow > kMaskShadow;
    const auto bit = [](bool set, int position) { return (set ? 1 : 0) << position; };
    const auto confidence = [](bool high, int position) { return (high ? 3 : 1) << position; };
    return static_cast<std::uint16_t>(
        bit(dilated, kQaDilated) | bit(cirrus, kQaCirrus) | bit(cloud, kQaCloud) |
        bit(shadow, kQaShadow) | bit(!cloud && !dilated, kQaClear) | bit(water, kQaWater) |
        confidence(cloud, kQaCloudConfidence) | confidence(shadow, kQaShadowConfidence) |
        confidence(false, kQaSnowConfidence) | confidence(cirrus, kQaCirrusConfidence));
}

Strip::Strip(int rows, int cols)
    : qa_pixel(rows, cols),
      qa_radsat(rows, cols),
      sza(rows, cols),
      saa(rows, cols),
      vza(rows, cols),
      vaa(rows, cols),
      truth_aot(rows, cols),
      truth_mask(rows, cols),
      truth_cover(rows, cols) {
    bands.fill(Plane<std::uint16_t>(rows, cols));
    truth_reflectance.fill(Plane<std::uint16_t>(rows, cols));
}

struct SceneRenderer::PixelState {
    int row, col;
    float sun_zenith, sun_azimuth, view, aot;
    double cos_sun;  // of the angle as the SZA raster tells it
    GroundPixel ground;
    SkyPixel sky;
    std::array<Optics, kReflectiveBands> optics;
};

SceneRenderer::SceneRenderer(const SceneRequest& request, const TransferSolver& solver, int threads)
    : request_(request),
      geometry_(request),
      landscape_(request),
      sky_(request, geometry_),
      calibration_(calibration(request.satellite)),
      fields_(make_fields(solver, threads)) {}

CoarseFields SceneRenderer::make_fields(const TransferSolver& solver, int threads) const {
    const ForwardModel model(request_.air, span_of(request_, geometry_, sky_), solver);
    const auto evaluate = [&](int row, int col, std::span<float> values) {
        const PixelAngles angles = geometry_.at(row, col);
        const RatioLaw law = ratio_law_at(angles.place);
        const double aot = sky_.aot550(row, col);
        const double slow[kOptics] = {angles.sun_zenith_deg,  angles.sun_azimuth_deg,
                                      angles.view_signed_deg, aot,
                                      law.coastal.slope,      law.coastal.intercept,
                                      law.blue.slope,         law.blue.intercept,
                                      law.swir2.slope,        law.swir2.intercept};
        for (std::size_t i = 0; i < kOptics; ++i) values[i] = static_cast<float>(slow[i]);
        for (int band = 1; band <= kReflectiveBands; ++band) {
            const Optics optics =
                model.at(band, angles.sun_zenith_deg, angles.view_signed_deg, aot);
            const auto first = static_cast<std::size_t>(kOptics + 3 * (band - 1));
            values[first] = optics.path;
            values[first + 1] = optics.transmission;
            values[first + 2] = optics.albedo;
        }
    };
    return {request_.rows, request_.cols, kChannels, threads, evaluate};
}

RowCounts SceneRenderer::render(int row, Strip& strip, int strip_row) const {
    Plane<float> fields(kChannels, request_.cols);
    fields_.row(row, fields.view());
    RowCounts counts;
    for (int col = 0; col < request_.cols; ++col) {
        if (!geometry_.covers(row, col)) {
            for (auto& band : strip.bands) band(strip_row, col) = 0;
            for (auto& band : strip.truth_reflectance) band(strip_row, col) = 0;
            for (auto* angle : {&strip.sza, &strip.saa, &strip.vza, &strip.vaa})
                (*angle)(strip_row, col) = 0;
            strip.qa_pixel(strip_row, col) = 1 << kQaFill;
            strip.qa_radsat(strip_row, col) = 0;
            strip.truth_aot(strip_row, col) = scene::kAotFill;
            strip.truth_mask(strip_row, col) = kTruthFill;
            strip.truth_cover(strip_row, col) = kTruthFill;
            continue;
        }
        const auto channel = [&](int which) { return double(fields(which, col)); };
        const RatioLaw law{{channel(kCoastalSlope), channel(kCoastalIntercept)},
                           {channel(kBlueSlope), channel(kBlueIntercept)},
                           {channel(kSwir2Slope), channel(kSwir2Intercept)}};
        PixelState pixel{row,
                         col,
                         fields(kSunZenith, col),
                         fields(kSunAzimuth, col),
                         fields(kView, col),
                         fields(kAot, col),
                         std::cos(centidegrees(channel(kSunZenith)) * std::numbers::pi / 18000),
                         landscape_.at(row, col, law),
                         sky_.at(row, col),
                         {}};
        for (int i = 0; i < kReflectiveBands; ++i)
            pixel.optics[static_cast<std::size_t>(i)] = {fields(kOptics + 3 * i, col),
                                                         fields(kOptics + 3 * i + 1, col),
                                                         fields(kOptics + 3 * i + 2, col)};
        render_pixel(pixel, strip, strip_row);
        render_angles(pixel, strip, strip_row);
        ++counts.inside;
        if (pixel.sky.cloud > kMaskCloud) ++counts.cloudy;
    }
    return counts;
}

void SceneRenderer::render_pixel(const PixelState& pixel, Strip& strip, int strip_row) const {
    const SkyPixel& sky = pixel.sky;
    const int col = pixel.col;
    int saturated = 0;
    const auto noise = [&](int band) {
        return request_.sensor_noise
                   ? normal(pixel.col, pixel.row,
                            request_.seed + kNoiseStream + static_cast<std::uint32_t>(band))
                   : 0.f;
    };
    const auto store = [&](int band, double dn) {
        auto& target = strip.bands[static_cast<std::size_t>(band - 1)](strip_row, col);
        target = digital_number(dn);
        if (target == 65535) saturated |= 1 << (band - 1);
    };
    const auto store_reflectance = [&](int band, float reflectance) {
        const float seen = reflectance + kReflectanceNoise[band - 1] * noise(band);
        store(band, (double(seen) * pixel.cos_sun - calibration_.reflectance_add) /
                        calibration_.reflectance_mult);
    };

    std::array<float, kReflectiveBands> toa;
    for (std::size_t i = 0; i < kReflectiveBands; ++i) {
        const float clear =
            pixel.optics[i].top_of_atmosphere(pixel.ground.reflectance[i] * (1 - sky.shadow));
        toa[i] = clear + sky.cloud * (cloud_reflectance()[i] * sky.brightness - clear) +
                 1.1f * sky.cirrus;
        store_reflectance(static_cast<int>(i) + 1, toa[i]);
        strip.truth_reflectance[i](strip_row, col) =
            encode_reflectance(pixel.ground.reflectance[i]);
    }
    store_reflectance(8, 0.2f * toa[1] + 0.45f * toa[2] + 0.35f * toa[3]);  // pan: blue to red
    store_reflectance(9, kClearCirrusBand + sky.cirrus);

    const float ground_k = pixel.ground.temperature_k - 3.f * sky.shadow - 60.f * sky.cirrus;
    for (int i = 0; i < 2; ++i) {
        const float kelvin = ground_k + sky.cloud * (sky.top_k - ground_k) - 1.5f * float(i) +
                             kThermalNoiseK * noise(10 + i);
        const double radiance =
            calibration_.k1[i] / (std::exp(calibration_.k2[i] / double(kelvin)) - 1);
        store(10 + i,
              (radiance - calibration_.radiance_add[9 + i]) / calibration_.radiance_mult[9 + i]);
    }
    const bool water = pixel.ground.cover == Cover::water;
    strip.qa_pixel(strip_row, col) = qa_pixel(sky, water);
    strip.qa_radsat(strip_row, col) = static_cast<std::uint16_t>(saturated);
    strip.truth_aot(strip_row, col) =
        static_cast<std::int16_t>(std::lround(double(pixel.aot) / scene::kAotScale));
    strip.truth_mask(strip_row, col) = truth_code(sky, water);
    strip.truth_cover(strip_row, col) = static_cast<std::uint8_t>(pixel.ground.cover);
}

void SceneRenderer::render_angles(const PixelState& pixel, Strip& strip, int strip_row) const {
    const int col = pixel.col;
    strip.sza(strip_row, col) = centidegrees(double(pixel.sun_zenith));
    strip.saa(strip_row, col) = centidegrees(wrap_azimuth(double(pixel.sun_azimuth)));
    strip.vza(strip_row, col) = centidegrees(std::fabs(double(pixel.view)));
    strip.vaa(strip_row, col) = centidegrees(geometry_.view_azimuth_deg(pixel.view >= 0));
}

}  // namespace hls::simulate
