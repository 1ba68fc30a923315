// SPDX-License-Identifier: Apache-2.0
#include "simulate/sentinel_renderer.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/parallel.hpp"
#include "simulate/brdf.hpp"
#include "simulate/noise.hpp"
#include "simulate/scene_renderer.hpp"

namespace hls::simulate {
namespace {

constexpr double kNodeM = 480;  // between nodes of the optics
// Fields of one band: for detectors with odd and with even numbers.
enum Field : int { kBrdf, kPath, kTransmission, kAlbedo, kFields };
constexpr int kPerBand = 2 * kFields;

constexpr std::int16_t kFill = -9999;
constexpr float kReflectanceNoise = 5e-4f;
constexpr std::uint32_t kNoiseStream = 0x80000;
// Vapour takes most of B09; LaSRC has no constants for it.
constexpr double kVapourStrength = 0.8;

std::int16_t stored(float reflectance) noexcept {
    return static_cast<std::int16_t>(
        std::clamp(std::lround(double(reflectance) * 1e4), -9998L, 32767L));
}

int slot_in_model(int band) noexcept {  // 1 and up, B10 left out
    return band > kMsiCirrus ? band : band + 1;
}

SceneSpan span_of(const SentinelRequest& request, const SentinelGeometry& geometry,
                  const AerosolField& aerosol) {
    SceneSpan span{90, 0, 90, -90, 0, aerosol.low(), aerosol.high(), 90, -90};
    const MapBox box = request.extent();
    for (int j = 0; j <= 4; ++j)
        for (int i = 0; i <= 4; ++i) {
            const double x = box.west + i * (box.east - box.west + kNodeM) / 4;
            const double y = box.north - j * (box.north - box.south + kNodeM) / 4;
            const double sun = geometry.sun_at(x, y).zenith_deg;
            const double view = SentinelGeometry::across_deg(geometry.across_m(x, y));
            span.sun_low_deg = std::min(span.sun_low_deg, sun);
            span.sun_high_deg = std::max(span.sun_high_deg, sun);
            span.view_low_deg = std::min(span.view_low_deg, view);
            span.view_high_deg = std::max(span.view_high_deg, view);
        }
    for (int band = 0; band < kMsiBands; ++band)
        for (int detector : {1, 2}) {
            // The model's second axis points back along the track.
            const double back = -SentinelGeometry::along_deg(band, detector);
            span.along_low_deg = std::min(span.along_low_deg, back);
            span.along_high_deg = std::max(span.along_high_deg, back);
        }
    span.azimuth_east_deg =
        wrap_azimuth(geometry.sun().center_azimuth_deg() - geometry.east_azimuth_deg());
    return span;
}

std::vector<CellWeights> columns_of(int count, double pixel_m, int margin, double softness_m) {
    std::vector<CellWeights> columns;
    for (int i = 0; i < count; ++i)
        columns.push_back(
            cell_weights(margin + (i + 0.5) * pixel_m / kPixelM, pixel_m, softness_m));
    return columns;
}

}  // namespace

SentinelImage::SentinelImage(const SentinelRequest& request) {
    for (std::size_t band = 0; band < kMsiBands; ++band) {
        const int pixel = granule::sentinel2_bands()[band].resolution_m / 10;
        bands[band] = Plane<std::uint16_t>(request.rows / pixel, request.cols / pixel);
    }
    classes.fill(Plane<std::uint8_t>(request.rows / 6, request.cols / 6));
}

SentinelTruth::SentinelTruth(const SentinelRequest& request, int rows_60m)
    : aot(2 * rows_60m, request.cols / 3),
      mask(2 * rows_60m, request.cols / 3),
      cover(2 * rows_60m, request.cols / 3),
      classes(3 * rows_60m, request.cols / 2),
      height(3 * rows_60m, request.cols / 2),
      elevation(3 * rows_60m, request.cols / 2) {
    for (std::size_t band = 0; band < kMsiBands; ++band) {
        const int pixel = granule::sentinel2_bands()[band].resolution_m / 10;
        native[band] = Plane<std::int16_t>(rows_60m * 6 / pixel, request.cols / pixel);
        product[band] = Plane<std::int16_t>(2 * rows_60m, request.cols / 3);
    }
}

SentinelRenderer::SentinelRenderer(const SentinelRequest& request, const TransferSolver& solver,
                                   int threads)
    : request_(request), geometry_(request_), cells_(request_, geometry_, threads) {
    constexpr std::array kBands{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12};
    const ForwardModel model(atmosphere::Sensor::msi, kBands, request_.air,
                             span_of(request_, geometry_, cells_.aerosol()), solver);
    for (int pixel_m : {10, 20, 60}) grids_.push_back(make_grid(pixel_m, model, threads));
}

SentinelRenderer::Grid SentinelRenderer::make_grid(int pixel_m, const ForwardModel& model,
                                                   int threads) const {
    std::vector<int> bands;
    for (int band = 0; band < kMsiBands; ++band)
        if (granule::sentinel2_bands()[static_cast<std::size_t>(band)].resolution_m == pixel_m)
            bands.push_back(band);
    const MapBox box = request_.extent();
    const BrdfKernels nadir =
        brdf_kernels(hls_sun_zenith_deg(request_.tile, request_.sensed), 0, 0);
    const auto evaluate = [&](int row, int col, std::span<float> values) {
        const double x = box.west + (col + 0.5) * pixel_m;
        const double y = box.north - (row + 0.5) * pixel_m;
        const SunAngles sun = geometry_.sun_at(x, y);
        const double across = geometry_.across_m(x, y);
        const double aot = cells_.aerosol().at(cells_.x_of(x), cells_.y_of(y));
        for (std::size_t i = 0; i < bands.size(); ++i)
            for (int even = 0; even < 2; ++even) {
                const int band = bands[i];
                const auto at = values.subspan(
                    i * kPerBand + static_cast<std::size_t>(even) * kFields, kFields);
                if (band == kMsiCirrus) continue;
                const MsiView view = geometry_.view(across, band, 1 + even);
                const auto& shape = msi_shapes()[static_cast<std::size_t>(band)];
                const BrdfKernels seen = brdf_kernels(sun.zenith_deg, view.zenith_deg,
                                                      sun.azimuth_deg - view.azimuth_deg);
                at[kBrdf] =
                    request_.lambertian ? 1.f : static_cast<float>(brdf_ratio(shape, seen, nadir));
                const Optics optics = model.at(slot_in_model(band), sun.zenith_deg,
                                               SentinelGeometry::across_deg(across), aot,
                                               -SentinelGeometry::along_deg(band, 1 + even));
                double vapour = 1;
                if (band == kMsiVapour) {
                    const double mass = 1 / std::cos(sun.zenith_deg * std::numbers::pi / 180) +
                                        1 / std::cos(view.zenith_deg * std::numbers::pi / 180);
                    vapour = std::exp(-kVapourStrength *
                                      std::sqrt(mass * request_.air.water_vapour_g_cm2));
                }
                at[kPath] = optics.path;
                at[kTransmission] = static_cast<float>(vapour) * optics.transmission;
                at[kAlbedo] = optics.albedo;
            }
    };
    const int rows = request_.rows * 10 / pixel_m;
    const int cols = request_.cols * 10 / pixel_m;
    const int channels = static_cast<int>(bands.size()) * kPerBand;
    return {
        pixel_m, bands,
        CoarseFields(rows, cols, channels, threads, evaluate, static_cast<int>(kNodeM) / pixel_m),
        columns_of(cols, pixel_m, cells_.margin(), request_.softness_m),
        columns_of(cols, pixel_m, cells_.margin(), 0)};
}

void SentinelRenderer::render(int first, int count, int threads, SentinelImage& image,
                              SentinelTruth& truth) const {
    const int margin = cells_.margin();
    CellStrip cells(2 * count + 1 + 2 * margin, cells_.cols());
    cells.first = 2 * first;
    cells_.render(cells, threads);

    for (const Grid& grid : grids_) {
        const int per_60 = 60 / grid.pixel_m;
        parallel_for(static_cast<std::size_t>(count * per_60), threads, [&](std::size_t i) {
            const int row = first * per_60 + static_cast<int>(i);
            Plane<float> fields(static_cast<int>(grid.bands.size()) * kPerBand,
                                request_.cols * 10 / grid.pixel_m);
            grid.optics.row(row, fields.view());
            for (std::size_t slot = 0; slot < grid.bands.size(); ++slot) {
                const auto band = static_cast<std::size_t>(grid.bands[slot]);
                render_band_row(grid, slot, row, cells, fields, image.bands[band].row(row),
                                truth.native[band].row(static_cast<int>(i)));
            }
        });
    }
    parallel_for(static_cast<std::size_t>(2 * count), threads, [&](std::size_t i) {
        render_product_row(2 * first + static_cast<int>(i), cells, truth, static_cast<int>(i));
    });
    parallel_for(static_cast<std::size_t>(3 * count), threads, [&](std::size_t i) {
        render_class_row(3 * first + static_cast<int>(i), cells, truth, static_cast<int>(i));
    });
    count_classes(first, count, cells, image, truth);
}

void SentinelRenderer::render_band_row(const Grid& grid, std::size_t slot, int row,
                                       const CellStrip& cells, const Plane<float>& fields,
                                       std::span<std::uint16_t> dn,
                                       std::span<std::int16_t> truth) const {
    const int band = grid.bands[slot];
    const auto b = static_cast<std::size_t>(band);
    const double center = cells_.margin() + (row + 0.5) * grid.pixel_m / kPixelM;
    const CellWeights surface_rows = cell_weights(center, grid.pixel_m, request_.softness_m);
    const CellWeights sky_rows = cell_weights(center, grid.pixel_m, 0);
    const auto width = static_cast<std::size_t>(cells_.cols());
    std::vector<float> lit(width), shaded(width), cloud(width), through(width);
    add_rows(cells.lit[b], surface_rows, cells.first, lit);
    add_rows(cells.shaded[b], surface_rows, cells.first, shaded);
    add_rows(cells.cloud[b], sky_rows, cells.first, cloud);
    add_rows(cells.through[b], sky_rows, cells.first, through);

    const MapBox box = request_.extent();
    const double y = box.north - (row + 0.5) * grid.pixel_m;
    for (std::size_t col = 0; col < dn.size(); ++col) {
        const double x = box.west + (double(col) + 0.5) * grid.pixel_m;
        const int detector = geometry_.detector(geometry_.across_m(x, y), band);
        truth[col] = kFill;
        dn[col] = 0;
        if (detector == 0 || !geometry_.in_strip(geometry_.along_m(x, y))) continue;
        const int first = static_cast<int>(slot) * kPerBand + (detector % 2 == 0 ? kFields : 0);
        const auto field = [&](int which) { return fields(first + which, static_cast<int>(col)); };
        const CellWeights& surface = grid.surface[col];
        const CellWeights& sky = grid.sky[col];
        const float clouds = add_cols(cloud, sky);
        float toa = clouds;
        if (band != kMsiCirrus) {
            const Optics optics{field(kPath), field(kTransmission), field(kAlbedo)};
            const float left = add_cols(through, sky);
            const float clear = optics.top_of_atmosphere(field(kBrdf) * add_cols(shaded, surface));
            toa = clouds + left * clear + 0.5f * optics.path * (1 - left);
            truth[col] = stored(field(kBrdf) * add_cols(lit, surface));
        }
        if (request_.sensor_noise)
            toa += kReflectanceNoise *
                   normal(static_cast<int>(col), row,
                          request_.seed + kNoiseStream + static_cast<std::uint32_t>(band));
        dn[col] = static_cast<std::uint16_t>(
            std::clamp(std::lround(double(toa) * 1e4 - request_.dn_offset()), 1L, 65534L));
    }
}

// Bands of 60 m are known no better than that.
void SentinelRenderer::render_product_row(int row, const CellStrip& cells, SentinelTruth& truth,
                                          int truth_row) const {
    const auto& satellite = granule::sentinel2_satellite(request_.satellite);
    const MapBox box = request_.extent();
    const double y = box.north - (row + 0.5) * kPixelM;
    const int cols = truth.aot.cols();
    std::vector<float> lit(static_cast<std::size_t>(cells_.cols()));
    const auto in_view = [&](int col) {
        const double x = box.west + (col + 0.5) * kPixelM;
        return geometry_.detector(geometry_.across_m(x, y), 0) > 0 &&
               geometry_.in_strip(geometry_.along_m(x, y));
    };
    for (int band = 0; band < kMsiBands; ++band) {
        const auto b = static_cast<std::size_t>(band);
        const bool coarse = granule::sentinel2_bands()[b].resolution_m == 60;
        const double pixel = coarse ? 60 : kPixelM;
        const auto center = [&](int i) {
            return cells_.margin() + (coarse ? 2.0 * (i / 2) + 1 : i + 0.5);
        };
        add_rows(cells.lit[b], cell_weights(center(row), pixel, request_.softness_m), cells.first,
                 lit);
        for (int col = 0; col < cols; ++col)
            truth.product[b](truth_row, col) =
                in_view(col)
                    ? stored(adjusted_to_oli(
                          add_cols(lit, cell_weights(center(col), pixel, request_.softness_m)),
                          band, satellite))
                    : kFill;
    }
    const int reach = cell_reach(request_.softness_m);
    const int middle = cells_.margin() + row - cells.first;
    for (int col = 0; col < cols; ++col) {
        if (!in_view(col)) {
            truth.aot(truth_row, col) = kFill;
            truth.mask(truth_row, col) = truth.cover(truth_row, col) = kTruthFill;
            continue;
        }
        const double x = box.west + (col + 0.5) * kPixelM;
        truth.aot(truth_row, col) = static_cast<std::int16_t>(
            std::lround(1000 * cells_.aerosol().at(cells_.x_of(x), cells_.y_of(y))));
        // Clear land only where everything around is.
        std::uint8_t code = kTruthLand;
        for (int j = -reach; j <= reach + 1; ++j)
            for (int i = -reach; i <= reach + 1; ++i)
                code = std::max(code, cells.code(std::clamp(middle + j, 0, cells.code.rows() - 1),
                                                 cells_.margin() + col + i));
        truth.mask(truth_row, col) = code;
        truth.cover(truth_row, col) = cells.cover(middle, cells_.margin() + col);
    }
}

void SentinelRenderer::render_class_row(int row, const CellStrip& cells, SentinelTruth& truth,
                                        int truth_row) const {
    constexpr double kClassM = 20;
    const MapBox box = request_.extent();
    const double y = box.north - (row + 0.5) * kClassM;
    const double center = cells_.margin() + (row + 0.5) * kClassM / kPixelM;
    const CellWeights rows = cell_weights(center, kClassM, 0);
    const auto width = static_cast<std::size_t>(cells_.cols());
    std::vector<float> least(width), most(width), shadow(width);
    add_rows(cells.least_tau, rows, cells.first, least);
    add_rows(cells.most_tau, rows, cells.first, most);
    add_rows(cells.shadow, rows, cells.first, shadow);
    const int nearest_row = static_cast<int>(std::lround(center)) - cells.first;
    const Grid& grid = grids_[1];
    for (int col = 0; col < truth.classes.cols(); ++col) {
        const double x = box.west + (col + 0.5) * kClassM;
        const int nearest =
            static_cast<int>(std::lround(cells_.margin() + (col + 0.5) * kClassM / kPixelM));
        truth.elevation(truth_row, col) =
            static_cast<std::int16_t>(std::lround(cells.elevation_m(nearest_row, nearest)));
        truth.height(truth_row, col) = kNoHeight;
        const bool seen = geometry_.detector(geometry_.across_m(x, y), 3) > 0 &&
                          geometry_.in_strip(geometry_.along_m(x, y));
        if (!seen) {
            truth.classes(truth_row, col) = kTruthFill;
            continue;
        }
        PixelSky sky;
        GroundPixel ground{};
        const CellWeights& weights = grid.sky[static_cast<std::size_t>(col)];
        sky.least_tau = add_cols(least, weights);
        sky.most_tau = add_cols(most, weights);
        sky.shadow = add_cols(shadow, weights);
        sky.shadow_from_outside = cells.from_outside(nearest_row, nearest) != 0;
        ground.cover = static_cast<Cover>(cells.cover(nearest_row, nearest));
        ground.snow = cells.snow(nearest_row, nearest);
        truth.classes(truth_row, col) = truth_class(sky, ground);
        const float top = cells.height_m(nearest_row, nearest);
        if (top > 0 && truth.classes(truth_row, col) == kTruthCloud)
            truth.height(truth_row, col) = static_cast<std::int16_t>(std::lround(top));
    }
}

void SentinelRenderer::count_classes(int first, int count, const CellStrip& cells,
                                     SentinelImage& image, const SentinelTruth& truth) const {
    for (int row = 0; row < 3 * count; ++row)
        for (const std::uint8_t code : truth.classes.row(row)) {
            image.inside += code != kTruthFill ? 1 : 0;
            image.cloudy += code == kTruthCloud ? 1 : 0;
            image.snowy += code == kTruthSnow ? 1 : 0;
        }
    for (int row = 0; row < count; ++row)
        for (int col = 0; col < image.classes[0].cols(); ++col) {
            const int r = cells_.margin() + 2 * row + 1;
            const int c = cells_.margin() + 2 * col + 1;
            const bool seen = truth.classes(3 * row + 1, 3 * col + 1) != kTruthFill;
            const float ice = cells.ice_tau(r, c);
            const bool opaque = seen && cells.tau(r, c) - ice >= kVisibleTau;
            image.classes[0](first + row, col) = opaque ? 1 : 0;
            image.classes[1](first + row, col) = seen && !opaque && ice >= 0.5f ? 1 : 0;
            image.classes[2](first + row, col) = seen && !opaque && cells.snow(r, c) > 0.5f ? 1 : 0;
        }
}

}  // namespace hls::simulate
