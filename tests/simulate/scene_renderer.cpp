// SPDX-License-Identifier: Apache-2.0
#include "simulate/scene_renderer.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "atmosphere/bands.hpp"
#include "atmosphere/molecules.hpp"
#include "core/parallel.hpp"
#include "scene/ac_scene.hpp"
#include "simulate/brdf.hpp"
#include "simulate/cell_weights.hpp"
#include "simulate/cloud_shade.hpp"
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
    kSkyHidden,
    kSkyGlow,
    kOptics,
    kBrdf = kOptics + 3 * kReflectiveBands,  // seen over straight down
    kChannels = kBrdf + kReflectiveBands,
};

// Reflectance of noise in dark scenes, from OLI's signal-to-noise ratios; B10, B11 in kelvin.
constexpr float kReflectanceNoise[9] = {6e-4f, 4e-4f, 3e-4f, 3e-4f, 4e-4f,
                                        3e-4f, 2e-4f, 4e-4f, 2e-4f};
constexpr float kThermalNoiseK = 0.05f;
constexpr std::uint32_t kNoiseStream = 0x40000;

constexpr float kClearCirrusBand = 0.0012f;  // what band 9 sees of a moist clear sky

// Where clouds begin to absorb, and what gases above them leave, band by band.
constexpr CloudColour kColour[kReflectiveBands] = {
    CloudColour::visible, CloudColour::visible, CloudColour::visible, CloudColour::visible,
    CloudColour::visible, CloudColour::swir1,   CloudColour::swir2};
constexpr float kAboveCloud[kReflectiveBands] = {1, .99f, .95f, .97f, 1, .98f, .96f};
constexpr double kWavelengthUm[kReflectiveBands] = {.443, .482, .561, .655, .865, 1.609, 2.201};

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

// Half-way between the ends of the view range, with sun and sensor azimuth at the centre.
SceneSpan span_of(const SceneRequest& request, const SceneGeometry& geometry,
                  const AerosolField& aerosol) {
    SceneSpan span{90, 0, 90, -90, 0, aerosol.low(), aerosol.high()};
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

Strip::Strip(int rows, int cols)
    : qa_pixel(rows, cols),
      qa_radsat(rows, cols),
      sza(rows, cols),
      saa(rows, cols),
      vza(rows, cols),
      vaa(rows, cols),
      truth_aot(rows, cols),
      truth_mask(rows, cols),
      truth_class(rows, cols),
      truth_cover(rows, cols),
      truth_height(rows, cols),
      elevation(rows, cols) {
    bands.fill(Plane<std::uint16_t>(rows, cols));
    truth_reflectance.fill(Plane<std::uint16_t>(rows, cols));
    truth_nadir.fill(Plane<std::uint16_t>(rows, cols));
}

struct SceneRenderer::PixelState {
    int row, col;
    float sun_zenith, sun_azimuth, view, aot;
    double cos_sun;  // of the angle as the SZA raster tells it
    GroundPixel ground;
    PixelSky sky;
    SkyDome dome;
    float lit;  // direct sun on the slope, relative to level ground
    std::array<Optics, kReflectiveBands> optics;
    std::array<float, kReflectiveBands> nadir{};
};

SceneRenderer::SceneRenderer(const SceneRequest& request, const TransferSolver& solver, int threads)
    : request_(request),
      geometry_(request),
      landscape_(request),
      aerosol_(request),
      sun_(slant_towards(geometry_.center_sun_zenith_deg(), geometry_.center_sun_azimuth_deg())),
      clouds_(request, request.extent(), sun_, threads),
      calibration_(calibration(request.satellite)),
      fields_(make_fields(solver, threads)),
      around_(landscape_.mean_of(request.rows, request.cols, ratio_law_at(geometry_.center()))) {}

CoarseFields SceneRenderer::make_fields(const TransferSolver& solver, int threads) const {
    const ForwardModel model(request_.air, span_of(request_, geometry_, aerosol_), solver);
    const bool lambertian = request_.brdf_tile.empty();
    const BrdfKernels nadir =
        lambertian ? BrdfKernels{}
                   : brdf_kernels(hls_sun_zenith_deg(request_.brdf_tile, request_.sensed), 0, 0);
    const auto evaluate = [&](int row, int col, std::span<float> values) {
        const PixelAngles angles = geometry_.at(row, col);
        const RatioLaw law = ratio_law_at(angles.place);
        const double aot = aerosol_.at(landscape_.x0() + col, landscape_.y0() + row);
        const SkyDome dome = sky_dome(clouds_, landscape_.x0() + col, landscape_.y0() + row,
                                      static_cast<float>(request_.air.elevation_m),
                                      std::cos(angles.sun_zenith_deg * std::numbers::pi / 180));
        const double slow[kOptics] = {angles.sun_zenith_deg,  angles.sun_azimuth_deg,
                                      angles.view_signed_deg, aot,
                                      law.coastal.slope,      law.coastal.intercept,
                                      law.blue.slope,         law.blue.intercept,
                                      law.swir2.slope,        law.swir2.intercept,
                                      double(dome.hidden),    double(dome.glow)};
        for (std::size_t i = 0; i < kOptics; ++i) values[i] = static_cast<float>(slow[i]);
        for (int band = 1; band <= kReflectiveBands; ++band) {
            const Optics optics =
                model.at(band, angles.sun_zenith_deg, angles.view_signed_deg, aot);
            const auto first = static_cast<std::size_t>(kOptics + 3 * (band - 1));
            values[first] = optics.path;
            values[first + 1] = optics.transmission;
            values[first + 2] = optics.albedo;
        }
        const BrdfKernels seen =
            brdf_kernels(angles.sun_zenith_deg, angles.view_signed_deg,
                         angles.sun_azimuth_deg - geometry_.view_azimuth_deg(true));
        for (std::size_t i = 0; i < kReflectiveBands; ++i)
            values[kBrdf + i] =
                lambertian ? 1.f : static_cast<float>(brdf_ratio(oli_shapes()[i], seen, nadir));
    };
    return {request_.rows, request_.cols, kChannels, threads, evaluate};
}

RatioLaw SceneRenderer::law_at(const Plane<float>& fields, int col) const {
    const auto channel = [&](int which) { return double(fields(which, col)); };
    return {{channel(kCoastalSlope), channel(kCoastalIntercept)},
            {channel(kBlueSlope), channel(kBlueIntercept)},
            {channel(kSwir2Slope), channel(kSwir2Intercept)}};
}

void SceneRenderer::prepare(int first, int count, int threads) {
    if (request_.softness_m <= 0) return;
    const int reach = cell_reach(request_.softness_m);
    const CellWeights weights = cell_weights(reach, kPixelM, request_.softness_m);
    const int cols = request_.cols + 2 * reach;
    std::array<Plane<float>, kReflectiveBands> cells;
    cells.fill(Plane<float>(count + 2 * reach, cols));
    parallel_for(static_cast<std::size_t>(count + 2 * reach), threads, [&](std::size_t i) {
        const int row = first - reach + static_cast<int>(i);
        Plane<float> fields(kChannels, request_.cols);
        fields_.row(std::clamp(row, 0, request_.rows - 1), fields.view());
        for (int col = 0; col < cols; ++col) {
            const int inside = std::clamp(col - reach, 0, request_.cols - 1);
            const GroundPixel ground = landscape_.at(row, col - reach, law_at(fields, inside));
            for (std::size_t b = 0; b < kReflectiveBands; ++b)
                cells[b](static_cast<int>(i), col) = ground.reflectance[b];
        }
    });
    soft_first_ = first;
    soft_.fill(Plane<float>(count, request_.cols));
    parallel_for(static_cast<std::size_t>(count), threads, [&](std::size_t i) {
        const int row = static_cast<int>(i);
        std::vector<float> column(static_cast<std::size_t>(cols));
        for (std::size_t b = 0; b < kReflectiveBands; ++b) {
            add_rows(cells[b], weights, -row, column);
            CellWeights across = weights;
            for (int col = 0; col < request_.cols; ++col) {
                across.first = weights.first + col;
                soft_[b](row, col) = add_cols(column, across);
            }
        }
    });
}

SceneRenderer::PixelState SceneRenderer::pixel_at(int row, int col,
                                                  const Plane<float>& fields) const {
    const auto channel = [&](int which) { return double(fields(which, col)); };
    PixelState pixel{row,
                     col,
                     fields(kSunZenith, col),
                     fields(kSunAzimuth, col),
                     fields(kView, col),
                     fields(kAot, col),
                     std::cos(centidegrees(channel(kSunZenith)) * std::numbers::pi / 18000),
                     landscape_.at(row, col, law_at(fields, col)),
                     {},
                     {},
                     1,
                     {}};
    for (int i = 0; i < kReflectiveBands; ++i)
        pixel.optics[static_cast<std::size_t>(i)] = {fields(kOptics + 3 * i, col),
                                                     fields(kOptics + 3 * i + 1, col),
                                                     fields(kOptics + 3 * i + 2, col)};
    for (std::size_t i = 0; i < kReflectiveBands; ++i) {
        if (request_.softness_m > 0) pixel.ground.reflectance[i] = soft_[i](row - soft_first_, col);
        pixel.nadir[i] = pixel.ground.reflectance[i];
        pixel.ground.reflectance[i] *= fields(kBrdf + static_cast<int>(i), col);
    }
    const double x = landscape_.x0() + col;
    const double y = landscape_.y0() + row;
    if (!clouds_.empty()) {
        const Slant view = slant_towards(channel(kView), geometry_.view_azimuth_deg(true));
        pixel.sky.seen = clouds_.along(x, y, pixel.ground.elevation_m, view);
        pixel.sky.light = light_through(pixel.sky.seen);
        pixel.sky.least_tau = pixel.sky.most_tau = pixel.sky.light.tau;
        const CloudColumn sunward = clouds_.along(x, y, pixel.ground.elevation_m, sun_);
        pixel.sky.shadow =
            shadow_of(sunward, std::cos(channel(kSunZenith) * std::numbers::pi / 180));
        pixel.sky.shadow_from_outside =
            pixel.sky.shadow > 0 && cast_from_outside(sunward, x, y, pixel.ground.elevation_m, sun_,
                                                      view, request_.extent());
        pixel.dome = {fields(kSkyHidden, col), fields(kSkyGlow, col)};
    }
    pixel.lit = sunlight_on_slope(pixel.ground.rise_east, pixel.ground.rise_north, sun_);
    return pixel;
}

void SceneRenderer::render_fill(Strip& strip, int strip_row, int col) const {
    for (auto& band : strip.bands) band(strip_row, col) = 0;
    for (auto* truth : {&strip.truth_reflectance, &strip.truth_nadir})
        for (auto& band : *truth) band(strip_row, col) = 0;
    for (auto* angle : {&strip.sza, &strip.saa, &strip.vza, &strip.vaa})
        (*angle)(strip_row, col) = 0;
    strip.qa_pixel(strip_row, col) = 1 << kQaFill;
    strip.qa_radsat(strip_row, col) = 0;
    strip.truth_aot(strip_row, col) = scene::kAotFill;
    for (auto* mask : {&strip.truth_mask, &strip.truth_class, &strip.truth_cover})
        (*mask)(strip_row, col) = kTruthFill;
    strip.truth_height(strip_row, col) = kNoHeight;
}

RowCounts SceneRenderer::render(int row, Strip& strip, int strip_row) const {
    Plane<float> fields(kChannels, request_.cols);
    fields_.row(row, fields.view());
    RowCounts counts;
    for (int col = 0; col < request_.cols; ++col) {
        // Terrain goes on where the swath ends.
        strip.elevation(strip_row, col) =
            static_cast<std::int16_t>(std::lround(landscape_.elevation_m(row, col)));
        if (!geometry_.covers(row, col)) {
            render_fill(strip, strip_row, col);
            continue;
        }
        const PixelState pixel = pixel_at(row, col, fields);
        render_pixel(pixel, strip, strip_row);
        render_thermal(pixel, strip, strip_row);
        render_truth(pixel, strip, strip_row);
        render_angles(pixel, strip, strip_row);
        ++counts.inside;
        if (strip.truth_class(strip_row, col) == kTruthCloud) ++counts.cloudy;
    }
    return counts;
}

void SceneRenderer::render_pixel(const PixelState& pixel, Strip& strip, int strip_row) const {
    const CloudLight& clouds = pixel.sky.light;
    const auto bands = atmosphere::band_constants(atmosphere::Sensor::oli);
    const float pressure =
        static_cast<float>(request_.air.pressure_hpa() / atmosphere::kStandardPressureHpa);
    int saturated = 0;
    const auto store = [&](int band, float reflectance) {
        const float seen = reflectance + kReflectanceNoise[band - 1] * noise(pixel, band);
        auto& target = strip.bands[static_cast<std::size_t>(band - 1)](strip_row, pixel.col);
        target = digital_number((double(seen) * pixel.cos_sun - calibration_.reflectance_add) /
                                calibration_.reflectance_mult);
        if (target == 65535) saturated |= 1 << (band - 1);
    };

    std::array<float, kReflectiveBands> toa;
    for (std::size_t i = 0; i < kReflectiveBands; ++i) {
        float ground = pixel.ground.reflectance[i];
        float lit = ground;
        if (pixel.sky.shadow > 0 || request_.relief_m > 0) {
            const auto direct = [&](double cosine) {
                return direct_fraction(bands[i].tau_rayleigh * pressure, kWavelengthUm[i],
                                       double(pixel.aot), cosine);
            };
            const BandLight light{direct(pixel.cos_sun), pixel.lit, liquid_colour(kColour[i])};
            lit = with_surroundings(ground * ground_light(light, pixel.dome, pixel.sky.shadow),
                                    around_.reflectance[i], direct(1), pixel.sky.shadow);
            ground *= ground_light(light, pixel.dome, 0);
        }
        const Optics& optics = pixel.optics[i];
        const float clear = optics.top_of_atmosphere(lit);
        toa[i] = clear;
        if (clouds.tau > 0) {
            // Half of the air is above the clouds, or lies between them and the ground.
            const float cloud = clouds.reflectance[static_cast<std::size_t>(kColour[i])];
            toa[i] = kAboveCloud[i] * cloud + clouds.transmission * clear +
                     0.5f * optics.path * (1 - clouds.transmission);
        }
        store(static_cast<int>(i) + 1, toa[i]);
        strip.truth_reflectance[i](strip_row, pixel.col) = encode_reflectance(ground);
        strip.truth_nadir[i](strip_row, pixel.col) = encode_reflectance(pixel.nadir[i]);
    }
    store(8, 0.2f * toa[1] + 0.45f * toa[2] + 0.35f * toa[3]);  // pan: blue to red
    const double mass =
        1 / pixel.cos_sun + 1 / std::cos(double(pixel.view) * std::numbers::pi / 180);
    store(9, kClearCirrusBand +
                 cirrus_band(pixel.sky.seen, request_.air, mass, pixel.ground.reflectance[5]));
    strip.qa_radsat(strip_row, pixel.col) = static_cast<std::uint16_t>(saturated);
}

float SceneRenderer::noise(const PixelState& pixel, int band) const {
    return request_.sensor_noise
               ? normal(pixel.col, pixel.row,
                        request_.seed + kNoiseStream + static_cast<std::uint32_t>(band))
               : 0.f;
}

void SceneRenderer::render_thermal(const PixelState& pixel, Strip& strip, int strip_row) const {
    for (std::size_t i = 0; i < 2; ++i) {
        const auto radiance = [&](double kelvin) {
            return calibration_.k1[i] / (std::exp(calibration_.k2[i] / kelvin) - 1);
        };
        // Shaded ground cools a little; moist air takes more from B11 than from B10.
        const double ground =
            double(pixel.ground.temperature_k - 3 * pixel.sky.shadow) - 1.5 * double(i);
        const double clean = thermal_radiance(pixel.sky.seen, radiance(ground), landscape_.air_k(),
                                              request_.air.elevation_m, radiance);
        const double kelvin = calibration_.k2[i] / std::log(calibration_.k1[i] / clean + 1);
        const double seen =
            radiance(kelvin + double(kThermalNoiseK * noise(pixel, 10 + static_cast<int>(i))));
        strip.bands[9 + i](strip_row, pixel.col) = digital_number(
            (seen - calibration_.radiance_add[9 + i]) / calibration_.radiance_mult[9 + i]);
    }
}

void SceneRenderer::render_truth(const PixelState& pixel, Strip& strip, int strip_row) const {
    const int col = pixel.col;
    strip.qa_pixel(strip_row, col) = qa_pixel(pixel.sky, pixel.ground);
    strip.truth_aot(strip_row, col) =
        static_cast<std::int16_t>(std::lround(double(pixel.aot) / scene::kAotScale));
    strip.truth_mask(strip_row, col) = truth_code(pixel.sky, pixel.ground);
    strip.truth_class(strip_row, col) = truth_class(pixel.sky, pixel.ground);
    strip.truth_cover(strip_row, col) = static_cast<std::uint8_t>(pixel.ground.cover);
    strip.truth_height(strip_row, col) =
        pixel.sky.light.top_m > 0 ? static_cast<std::int16_t>(std::lround(pixel.sky.light.top_m))
                                  : kNoHeight;
}

void SceneRenderer::render_angles(const PixelState& pixel, Strip& strip, int strip_row) const {
    const int col = pixel.col;
    strip.sza(strip_row, col) = centidegrees(double(pixel.sun_zenith));
    strip.saa(strip_row, col) = centidegrees(wrap_azimuth(double(pixel.sun_azimuth)));
    strip.vza(strip_row, col) = centidegrees(std::fabs(double(pixel.view)));
    strip.vaa(strip_row, col) = centidegrees(geometry_.view_azimuth_deg(pixel.view >= 0));
}

}  // namespace hls::simulate
