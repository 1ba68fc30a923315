// SPDX-License-Identifier: Apache-2.0
#include "simulate/landscape.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "simulate/noise.hpp"
#include "simulate/quantile.hpp"

namespace hls::simulate {
namespace {

// Streams of random numbers that must not be the same.
enum Stream : std::uint32_t {
    kBasin = 0x1000,
    kRiver = 0x2000,
    kWood = 0x3000,
    kTown = 0x4000,
    kSection = 0x5000,
    kParcel = 0x6000,
    kGrain = 0x7000,
    kMottle = 0x8000,
    kScatter = 0x9000,
    kWarmth = 0xa000,
    kTurbidity = 0xb000,
    kRegion = 0xc000,
    kHills = 0xd000,
    kSnow = 0xe000,
};

constexpr int kSectionPx = 54;      // a square mile
constexpr double kRegionPx = 1500;  // hills and plains, seen from far
constexpr int kTownCellPx = 420;    // one town per cell at most
constexpr float kTownChance = 0.6f;

float lerp(float a, float b, float t) noexcept {
    return a + t * (b - a);
}

// A number in [low, high] that belongs to a parcel.
float draw(std::uint32_t parcel, std::uint32_t which, float low, float high) noexcept {
    return lerp(low, high, unit(scramble(parcel + which * 0x9e3779b9U)));
}

struct Rectangle {
    float x, y, width, height;
};

// Halves a section at roads and hedges until its parcels are fields; returns the parcel of (x, y).
std::uint32_t parcel_of(float x, float y, std::uint32_t section) noexcept {
    Rectangle r{0, 0, kSectionPx, kSectionPx};
    std::uint32_t id = section;
    for (std::uint32_t depth = 0; depth < 5; ++depth) {
        const bool wide = r.width >= r.height;
        const float longer = wide ? r.width : r.height;
        if (longer < 12 || (depth > 1 && draw(id, 11, 0, 1) < 0.3f)) break;
        const float cut = longer * (draw(id, 12, 0, 1) < 0.5f ? 0.5f : draw(id, 13, 0.3f, 0.7f));
        const bool second = wide ? x - r.x >= cut : y - r.y >= cut;
        if (wide) {
            r.x += second ? cut : 0;
            r.width = second ? r.width - cut : cut;
        } else {
            r.y += second ? cut : 0;
            r.height = second ? r.height - cut : cut;
        }
        id = scramble(id * 2 + (second ? 1U : 0U) + 0x51ed270bU);
    }
    return id;
}

int floor_div(int a, int b) noexcept {
    return a >= 0 ? a / b : -((b - 1 - a) / b);
}

}  // namespace

const char* cover_name(Cover cover) noexcept {
    constexpr std::array<const char*, kCovers> names{"crop",   "stubble", "bare soil", "pasture",
                                                     "forest", "town",    "water",     "snow"};
    return names[static_cast<std::size_t>(cover)];
}

Landscape::Landscape(const WorldRequest& world, const MapBox& extent)
    : seed_(scramble(world.seed)),
      x0_(static_cast<int>(std::lround(extent.west / kPixelM + 0.5))),
      y0_(static_cast<int>(std::lround(-extent.north / kPixelM + 0.5))),
      mean_elevation_(world.air.elevation_m),
      relief_(world.relief_m),
      water_level_(std::numeric_limits<double>::infinity()),
      snow_level_(std::numeric_limits<double>::infinity()),
      winter_(world.snow_fraction > 0),
      scatter_(static_cast<float>(world.ratio_scatter)) {
    const MapBox region = world.region.value_or(extent);
    const double x = std::round(region.west / kPixelM + 0.5);
    const double y = std::round(-region.north / kPixelM + 0.5);
    const int rows = static_cast<int>((region.north - region.south) / kPixelM);
    const int cols = static_cast<int>((region.east - region.west) / kPixelM);
    if (world.water_fraction > 0)
        water_level_ = upper_quantile(rows, cols, world.water_fraction,
                                      [&](int row, int col) { return wetness(x + col, y + row); });
    if (winter_)
        snow_level_ = upper_quantile(rows, cols, world.snow_fraction,
                                     [&](int row, int col) { return snowiness(x + col, y + row); });
}

// Hills of some kilometres, metres above the sea.
double Landscape::elevation(double x, double y) const noexcept {
    if (relief_ <= 0) return mean_elevation_;
    return mean_elevation_ +
           5 * relief_ * double(fractal_noise(x / 330, y / 330, seed_ + kHills, 6));
}

// Snow lies where the ground is high and the weather was cold.
double Landscape::snowiness(double x, double y) const noexcept {
    if (wetness(x, y) > water_level_) return -10;
    const double height = relief_ > 0 ? (elevation(x, y) - mean_elevation_) / relief_ : 0;
    return double(fractal_noise(x / 240, y / 240, seed_ + kSnow, 6)) + 0.35 * height;
}

// High in basins and along river beds.
double Landscape::wetness(double x, double y) const noexcept {
    const double basin = fractal_noise(x / 260, y / 260, seed_ + kBasin, 5);
    const double bend = 12 * gradient_noise(x / 40, y / 40, seed_ + kRiver + 77);
    const double valley =
        fractal_noise((x + bend) / 420, (y - bend) / 420, seed_ + kRiver, 3) / 0.012;
    return basin + 0.9 * std::exp(-valley * valley);
}

// 0 outside towns, up to 1 in their centres.
float Landscape::town_density(int x, int y) const noexcept {
    float density = 0;
    const int cell_x = floor_div(x, kTownCellPx);
    const int cell_y = floor_div(y, kTownCellPx);
    for (int j = cell_y - 1; j <= cell_y + 1; ++j)
        for (int i = cell_x - 1; i <= cell_x + 1; ++i) {
            const std::uint32_t id = hash(i, j, seed_ + kTown);
            if (draw(id, 1, 0, 1) > kTownChance) continue;
            const float size = draw(id, 4, 0, 1);
            const float radius = 12 + 60 * size * size;
            const float dx = float(x) - (float(i) + draw(id, 2, 0, 1)) * kTownCellPx;
            const float dy = float(y) - (float(j) + draw(id, 3, 0, 1)) * kTownCellPx;
            density = std::max(density, 1 - std::sqrt(dx * dx + dy * dy) / radius);
        }
    return density;
}

Landscape::Land Landscape::field(std::uint32_t parcel) const noexcept {
    const float kind = draw(parcel, 1, 0, 1);
    const float shade = draw(parcel, 2, 0, 1);
    const float wet = draw(parcel, 3, 0, 1);
    if (kind < 0.40f) {
        // The lusher, the darker in red.
        return {Cover::crop, lerp(0.052f, 0.028f, wet) * lerp(0.9f, 1.15f, shade),
                lerp(0.70f, 0.86f, wet), parcel};
    }
    if (kind < 0.62f)
        return {Cover::stubble, lerp(0.09f, 0.15f, shade), lerp(0.34f, 0.50f, wet), parcel};
    if (kind < 0.78f)
        return {Cover::bare_soil, lerp(0.11f, 0.20f, shade), lerp(0.22f, 0.31f, wet), parcel};
    return {Cover::pasture, lerp(0.055f, 0.095f, shade), lerp(0.52f, 0.66f, wet), parcel};
}

Landscape::Land Landscape::farmland(int x, int y) const noexcept {
    // Sections are laid out a little off the grid of the map, as surveys are.
    const float across = 0.9962f * float(x) - 0.0872f * float(y);
    const float down = 0.0872f * float(x) + 0.9962f * float(y);
    const float fx = std::floor(across / kSectionPx);
    const float fy = std::floor(down / kSectionPx);
    const std::uint32_t section =
        hash(static_cast<int>(fx), static_cast<int>(fy), seed_ + kSection);
    const float lx = across - fx * kSectionPx;
    const float ly = down - fy * kSectionPx;

    Land land;
    const float half = kSectionPx / 2.f;
    const std::uint32_t quarter =
        scramble(section + (lx >= half ? 1U : 0U) + (ly >= half ? 2U : 0U) + 0x77U);
    if (draw(section, 5, 0, 1) < 0.28f && draw(quarter, 6, 0, 1) < 0.6f) {
        // Irrigated circles of an eighth of a mile radius with dry corners.
        const float cx = std::fmod(lx, half) - half / 2;
        const float cy = std::fmod(ly, half) - half / 2;
        const bool irrigated = cx * cx + cy * cy < 12.6f * 12.6f;
        land = field(scramble(quarter + (irrigated ? 3U : 4U)));
        if (!irrigated) land.cover = Cover::pasture, land.red = 0.085f, land.ndwi = 0.53f;
    } else {
        land = field(parcel_of(lx, ly, section));
    }
    if (lx < 1 || ly < 1) {  // a gravel road takes a good third of its pixel
        land.red = lerp(land.red, 0.15f, 0.4f);
        land.ndwi = lerp(land.ndwi, 0.30f, 0.4f);
    }
    return land;
}

Landscape::Land Landscape::land_at(int x, int y, double wet) const noexcept {
    const float density = town_density(x, y);
    if (density > 0 && unit(floor_div(x, 2), floor_div(y, 2), seed_ + kTown + 1) < 2.2f * density) {
        const float grey = unit(x, y, seed_ + kTown + 2);
        const float garden = unit(floor_div(x, 5), floor_div(y, 5), seed_ + kTown + 3);
        return {Cover::town, lerp(0.07f, 0.17f, grey * (0.4f + 0.6f * density)),
                lerp(0.30f, 0.62f, garden * (1 - 0.7f * density)), 1};
    }
    const double wood = fractal_noise(x / 75.0, y / 75.0, seed_ + kWood, 5) +
                        0.35 * std::clamp(wet, 0.0, 0.8) +
                        0.45 * gradient_noise(x / kRegionPx, y / kRegionPx, seed_ + kRegion);
    const double ragged = 0.06 * normal(x, y, seed_ + kWood + 9);
    if (wood + ragged > 0.24) {
        const float age = unit(floor_div(x, 40), floor_div(y, 31), seed_ + kWood + 5);
        return {Cover::forest, lerp(0.024f, 0.034f, age), lerp(0.80f, 0.74f, age), 2};
    }
    return farmland(x, y);
}

GroundPixel Landscape::water(int x, int y) const noexcept {
    const float mud = 0.5f + fractal_noise(x / 90.0, y / 90.0, seed_ + kTurbidity, 3) +
                      0.02f * normal(x, y, seed_ + kGrain);
    const float m = std::clamp(mud, 0.f, 1.f);
    return {{0.024f + 0.006f * m, 0.026f + 0.016f * m, 0.024f + 0.040f * m, 0.012f + 0.040f * m,
             0.005f + 0.018f * m, 0.003f + 0.002f * m, 0.002f + 0.0015f * m},
            Cover::water,
            winter_ ? 277.5f : 293.5f};
}

// Settled snow: bright to the near infrared, where coarser grains take a little, dark beyond.
void Landscape::add_snow(int x, int y, GroundPixel& pixel) const noexcept {
    constexpr std::array<float, kReflectiveBands> kFresh{.90f, .90f, .88f, .86f, .80f, .11f, .07f};
    const double excess = snowiness(x, y) - snow_level_;
    float part = static_cast<float>(std::clamp(excess / 0.02, 0.0, 1.0));
    if (pixel.cover == Cover::forest) part *= 0.75f;  // trunks and shaken crowns
    if (part <= 0) return;
    const float age =
        std::clamp(0.5f + 2 * fractal_noise(x / 60.0, y / 60.0, seed_ + kSnow + 3, 3), 0.f, 1.f);
    const float shade = 1 - 0.03f * normal(x, y, seed_ + kSnow + 4);
    for (std::size_t i = 0; i < kReflectiveBands; ++i) {
        const float aged = i >= 4 ? 1 - 0.25f * age : 1 - 0.08f * age;
        pixel.reflectance[i] = lerp(pixel.reflectance[i], kFresh[i] * aged * shade, part);
    }
    pixel.temperature_k = lerp(pixel.temperature_k, 268.5f + 2 * age, part);
    pixel.green *= 1 - part;
    pixel.snow = part;
    if (part > 0.5f) pixel.cover = Cover::snow;
}

// Red and ndwi make the whole spectrum: SWIR2 by the law, NIR by the definition of ndwi, coastal
// and blue by the law; green and SWIR1, which the law says nothing about, by how green the land is.
GroundPixel Landscape::spectrum(int x, int y, const Land& land,
                                const RatioLaw& law) const noexcept {
    const float rough = land.cover == Cover::forest ? 0.09f
                        : land.cover == Cover::town ? 0.f
                                                    : .03f;
    const float grain = rough * normal(x, y, seed_ + kGrain) +
                        0.10f * gradient_noise(x / 7.0, y / 7.0, seed_ + kMottle + land.parcel);
    const float red = std::max(0.015f, land.red * (1 + grain));
    const float ndwi =
        std::clamp(land.ndwi + 0.3f * rough * normal(x, y, seed_ + kGrain + 1) +
                       0.04f * gradient_noise(x / 11.0, y / 11.0, seed_ + kMottle + 1),
                   float(kNdwiMean - 1.9 * kNdwiDeviation), 0.87f);
    // Half of the scatter is the parcel's own, half the pixel's.
    const auto scatter = [&](std::uint32_t band) {
        const float own = normal(static_cast<int>(land.parcel & 0xffffffU), 0, kScatter + band);
        const float pixel = normal(x, y, seed_ + kScatter + 16 + band);
        return 1 + scatter_ * 0.7071f * (own + pixel);
    };
    const float swir2 = red * static_cast<float>(law.swir2(ndwi));
    const float nir = 0.5f * swir2 * (1 + ndwi) / (1 - ndwi);
    const float green_cover = std::clamp((ndwi - 0.25f) / 0.57f, 0.f, 1.1f);
    const float lush = green_cover * std::sqrt(green_cover);
    GroundPixel pixel;
    pixel.reflectance = {red * static_cast<float>(law.coastal(ndwi)) * scatter(1),
                         red * static_cast<float>(law.blue(ndwi)) * scatter(2),
                         red * lerp(0.76f, 1.65f, lush) * scatter(3),
                         red,
                         nir,
                         swir2 * lerp(1.15f, 2.0f, lush) * scatter(6),
                         swir2 * scatter(7)};
    pixel.cover = land.cover;
    pixel.green = std::min(1.f, green_cover);
    pixel.temperature_k = (winter_ ? 283.f - 5.f * green_cover : 311.f - 13.f * green_cover) +
                          0.6f * normal(x, y, seed_ + kWarmth);
    return pixel;
}

float Landscape::elevation_m(int row, int col) const noexcept {
    return static_cast<float>(elevation(x0_ + col, y0_ + row));
}

GroundPixel Landscape::at(int row, int col, const RatioLaw& law) const noexcept {
    const int x = x0_ + col;
    const int y = y0_ + row;
    const double wet = wetness(x, y);
    const bool lake = wet > water_level_;
    GroundPixel pixel = lake ? water(x, y) : spectrum(x, y, land_at(x, y, wet), law);
    pixel.elevation_m = static_cast<float>(elevation(x, y));
    if (winter_ && !lake) add_snow(x, y, pixel);
    if (relief_ > 0 && !lake) {
        constexpr double kAcross = 2 * kPixelM;
        pixel.rise_east = static_cast<float>((elevation(x + 1, y) - elevation(x - 1, y)) / kAcross);
        pixel.rise_north =
            static_cast<float>((elevation(x, y - 1) - elevation(x, y + 1)) / kAcross);
        pixel.temperature_k -= 0.0065f * (pixel.elevation_m - static_cast<float>(mean_elevation_));
    }
    return pixel;
}

GroundPixel Landscape::mean_of(int rows, int cols, const RatioLaw& law) const noexcept {
    constexpr int kLattice = 40;
    GroundPixel mean{};
    for (int j = 0; j < kLattice; ++j)
        for (int i = 0; i < kLattice; ++i) {
            const GroundPixel one = at(j * rows / kLattice, i * cols / kLattice, law);
            for (std::size_t b = 0; b < mean.reflectance.size(); ++b)
                mean.reflectance[b] += one.reflectance[b] / (kLattice * kLattice);
            mean.green += one.green / (kLattice * kLattice);
        }
    return mean;
}

}  // namespace hls::simulate
