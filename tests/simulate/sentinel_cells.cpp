// SPDX-License-Identifier: Apache-2.0
#include "simulate/sentinel_cells.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "atmosphere/bands.hpp"
#include "atmosphere/molecules.hpp"
#include "core/parallel.hpp"
#include "simulate/cell_weights.hpp"
#include "simulate/pixel_truth.hpp"

namespace hls::simulate {
namespace {

constexpr CloudColour kColour[kMsiBands] = {
    CloudColour::visible, CloudColour::visible, CloudColour::visible, CloudColour::visible,
    CloudColour::visible, CloudColour::visible, CloudColour::visible, CloudColour::visible,
    CloudColour::visible, CloudColour::visible, CloudColour::visible, CloudColour::swir1,
    CloudColour::swir2};
// What gases above clouds leave.
constexpr float kAboveCloud[kMsiBands] = {1,    .99f, .95f, .97f, .98f, .99f, .99f,
                                          .97f, 1,    .6f,  1,    .98f, .96f};
constexpr double kWavelengthUm[kMsiBands] = {.443, .492, .560, .665,  .704,  .740, .783,
                                             .833, .865, .945, 1.374, 1.610, 2.190};
constexpr float kClearCirrusBand = 0.0012f;
constexpr int kFirstFine = 1;   // B02, the first of the bands of 10 and 20 m
constexpr int kMiddleBand = 3;  // B04: half-way between the first and the last band to look

// Channels of the coarse fields; slopes and intercepts of the law come first.
enum Channel : int { kSkyHidden = 6, kSkyGlow, kFields };

int whole_cells(int pixels_10m, int margin) {
    return pixels_10m / 3 + 1 + 2 * margin;
}

MapBox cell_box(const SentinelRequest& request, int margin) {
    const MapBox extent = request.extent();
    const double more = (margin + 0.5) * kPixelM;
    return {extent.west - more, extent.south - more, extent.east + more, extent.north + more};
}

WorldRequest world_of(const SentinelRequest& request) {
    WorldRequest world = request;
    if (!world.region) world.region = request.extent();
    return world;
}

// Least squares of ratio = slope * ndwi + intercept.
class LineFit {
 public:
    void add(double x, double y) noexcept { n_ += 1, x_ += x, y_ += y, xx_ += x * x, xy_ += x * y; }
    Line line() const noexcept {
        const double spread = n_ * xx_ - x_ * x_;
        if (spread <= 0) return {0, n_ > 0 ? y_ / n_ : 1};
        const double slope = (n_ * xy_ - x_ * y_) / spread;
        return {slope, (y_ - slope * x_) / n_};
    }

 private:
    double n_ = 0, x_ = 0, y_ = 0, xx_ = 0, xy_ = 0;
};

}  // namespace

CellStrip::CellStrip(int rows, int cols)
    : tau(rows, cols),
      ice_tau(rows, cols),
      shadow(rows, cols),
      snow(rows, cols),
      least_tau(rows, cols),
      most_tau(rows, cols),
      from_outside(rows, cols),
      height_m(rows, cols),
      elevation_m(rows, cols),
      code(rows, cols),
      cover(rows, cols) {
    for (auto* planes : {&lit, &shaded, &cloud, &through}) planes->fill(Plane<float>(rows, cols));
}

struct SentinelCells::Cell {
    double x, y, across_m;
    GroundPixel ground;
    SkyDome dome;
};

SentinelCells::SentinelCells(const SentinelRequest& request, const SentinelGeometry& geometry,
                             int threads)
    : request_(request),
      geometry_(geometry),
      satellite_(granule::sentinel2_satellite(request.satellite)),
      margin_(cell_reach(request.softness_m) + 2),
      rows_(whole_cells(request.rows, margin_)),
      cols_(whole_cells(request.cols, margin_)),
      landscape_(world_of(request), cell_box(request, margin_)),
      aerosol_(request),
      sun_(slant_towards(geometry.sun().center_zenith_deg(), geometry.sun().center_azimuth_deg())),
      cos_sun_(std::cos(geometry.sun().center_zenith_deg() * std::numbers::pi / 180)),
      clouds_(world_of(request), cell_box(request, margin_), sun_, threads),
      fields_(make_fields(threads)),
      around_(msi_spectrum(landscape_.mean_of(rows_, cols_,
                                              ratio_law_at(geometry.place(request.extent().west,
                                                                          request.extent().north))),
                           satellite_)) {}

CoarseFields SentinelCells::make_fields(int threads) const {
    const auto evaluate = [this](int row, int col, std::span<float> values) {
        const double x = landscape_.x0() + col;
        const double y = landscape_.y0() + row;
        const RatioLaw law = ratio_law_at(geometry_.place(kPixelM * x, -kPixelM * y));
        const Line lines[] = {law.coastal, law.blue, law.swir2};
        for (std::size_t i = 0; i < 3; ++i) {
            values[2 * i] = static_cast<float>(lines[i].slope);
            values[2 * i + 1] = static_cast<float>(lines[i].intercept);
        }
        const SkyDome dome =
            sky_dome(clouds_, x, y, static_cast<float>(request_.air.elevation_m), cos_sun_);
        values[kSkyHidden] = dome.hidden;
        values[kSkyGlow] = dome.glow;
    };
    return {rows_, cols_, kFields, threads, evaluate};
}

void SentinelCells::render(CellStrip& strip, int threads) const {
    parallel_for(static_cast<std::size_t>(strip.tau.rows()), threads, [&](std::size_t r) {
        const int row = static_cast<int>(r);
        if (strip.first + row >= rows_) return;
        Plane<float> fields(kFields, cols_);
        fields_.row(strip.first + row, fields.view());
        for (int col = 0; col < cols_; ++col) render_cell(strip, row, col, fields);
    });
}

void SentinelCells::render_cell(CellStrip& strip, int row, int col,
                                const Plane<float>& fields) const {
    const auto line = [&](int i) {
        return Line{double(fields(2 * i, col)), double(fields(2 * i + 1, col))};
    };
    Cell cell;
    cell.x = landscape_.x0() + col;
    cell.y = landscape_.y0() + strip.first + row;
    cell.ground = landscape_.at(strip.first + row, col, {line(0), line(1), line(2)});
    cell.across_m = geometry_.across_m(kPixelM * cell.x, -kPixelM * cell.y);
    cell.dome = {fields(kSkyHidden, col), fields(kSkyGlow, col)};
    strip.snow(row, col) = cell.ground.snow;
    strip.elevation_m(row, col) = cell.ground.elevation_m;
    strip.cover(row, col) = static_cast<std::uint8_t>(cell.ground.cover);
    render_light(strip, row, col, cell);
    render_clouds(strip, row, col, cell);
}

void SentinelCells::render_light(CellStrip& strip, int row, int col, const Cell& cell) const {
    const GroundPixel& ground = cell.ground;
    const MsiSpectrum spectrum = msi_spectrum(ground, satellite_);
    const float slope = sunlight_on_slope(ground.rise_east, ground.rise_north, sun_);
    float shadow = 0;
    bool from_outside = false;
    if (!clouds_.empty()) {
        const CloudColumn sunward = clouds_.along(cell.x, cell.y, ground.elevation_m, sun_);
        shadow = shadow_of(sunward, cos_sun_);
        const int detector = geometry_.detector(cell.across_m, kMiddleBand);
        if (shadow > 0 && detector > 0)
            from_outside = cast_from_outside(sunward, cell.x, cell.y, ground.elevation_m, sun_,
                                             geometry_.slant(cell.across_m, kMiddleBand, detector),
                                             request_.extent());
    }
    strip.shadow(row, col) = shadow;
    strip.from_outside(row, col) = from_outside;
    const double aot = shadow > 0 || slope != 1 ? aerosol_.at(cell.x, cell.y) : 0;
    const auto bands = atmosphere::band_constants(atmosphere::Sensor::msi);
    const auto pressure =
        static_cast<float>(request_.air.pressure_hpa() / atmosphere::kStandardPressureHpa);
    for (std::size_t band = 0; band < kMsiBands; ++band) {
        strip.lit[band](row, col) = strip.shaded[band](row, col) = spectrum[band];
        if (shadow <= 0 && slope == 1) continue;
        const auto direct = [&](double cosine) {
            return direct_fraction(bands[band].tau_rayleigh * pressure, kWavelengthUm[band], aot,
                                   cosine);
        };
        const BandLight light{direct(cos_sun_), slope, liquid_colour(kColour[band])};
        strip.lit[band](row, col) *= ground_light(light, cell.dome, 0);
        strip.shaded[band](row, col) =
            with_surroundings(spectrum[band] * ground_light(light, cell.dome, shadow),
                              around_[band], direct(1), shadow);
    }
}

void SentinelCells::render_clouds(CellStrip& strip, int row, int col, const Cell& cell) const {
    PixelSky sky;
    sky.shadow = strip.shadow(row, col);
    for (int band = 0; band < kMsiBands; ++band) {
        const auto b = static_cast<std::size_t>(band);
        const int detector = geometry_.detector(cell.across_m, band);
        CloudColumn column{};
        if (!clouds_.empty() && detector > 0)
            column = clouds_.along(cell.x, cell.y, cell.ground.elevation_m,
                                   geometry_.slant(cell.across_m, band, detector));
        const CloudLight light = light_through(column);
        if (light.tau > sky.light.tau || band == 0) sky.light = light;
        if (granule::sentinel2_bands()[b].resolution_m < 60) {
            float& least = strip.least_tau(row, col);
            float& most = strip.most_tau(row, col);
            least = band == kFirstFine ? light.tau : std::min(least, light.tau);
            most = band == kFirstFine ? light.tau : std::max(most, light.tau);
        }
        strip.cloud[b](row, col) =
            kAboveCloud[b] * light.reflectance[static_cast<std::size_t>(kColour[b])];
        strip.through[b](row, col) = light.transmission;
        if (band == kMiddleBand) {
            strip.tau(row, col) = light.tau;
            strip.ice_tau(row, col) = light.ice_tau;
            strip.height_m(row, col) = light.top_m;
        }
        if (band == kMsiCirrus) {
            const double view =
                detector > 0 ? geometry_.view(cell.across_m, band, detector).zenith_deg : 0;
            const double mass = 1 / cos_sun_ + 1 / std::cos(view * std::numbers::pi / 180);
            strip.cloud[b](row, col) =
                kClearCirrusBand + cirrus_band(column, request_.air, mass, strip.lit[b](row, col));
        }
    }
    strip.code(row, col) = truth_code(sky, cell.ground);
}

RatioLaw SentinelCells::fitted_law(const RatioLaw& landscape_law) const {
    LineFit coastal, blue, swir2;
    const int step = std::max(1, std::max(rows_, cols_) / 120);
    for (int row = 0; row < rows_; row += step)
        for (int col = 0; col < cols_; col += step) {
            const GroundPixel ground = landscape_.at(row, col, landscape_law);
            if (ground.cover == Cover::water || ground.snow > 0) continue;
            const MsiSpectrum s = msi_spectrum(ground, satellite_);
            const double red = double(s[3]), nir = double(s[8]), half = 0.5 * double(s[12]);
            const double ndwi = (nir - half) / (nir + half);
            coastal.add(ndwi, double(s[0]) / red);
            blue.add(ndwi, double(s[1]) / red);
            swir2.add(ndwi, double(s[12]) / red);
        }
    return {coastal.line(), blue.line(), swir2.line()};
}

}  // namespace hls::simulate
