// SPDX-License-Identifier: Apache-2.0
// A made-up countryside: fields with roads and pivots, woods along streams, towns, lakes, rivers.
#pragma once

#include <array>
#include <cstdint>

#include "simulate/ratio_law.hpp"
#include "simulate/scene_request.hpp"

namespace hls::simulate {

inline constexpr int kReflectiveBands = 7;  // B1..B7

enum class Cover : std::uint8_t { crop, stubble, bare_soil, pasture, forest, town, water, snow };
inline constexpr int kCovers = 8;
const char* cover_name(Cover cover) noexcept;

struct GroundPixel {
    std::array<float, kReflectiveBands> reflectance;  // B1..B7 at index 0..6
    Cover cover;                                      // snow where it takes more than half
    float temperature_k;
    float green = 0;  // 0 soil .. 1 dense leaves; 0 for water and snow
    float snow = 0;   // part of the pixel, 0..1
    float elevation_m = 0;
    float rise_east = 0, rise_north = 0;  // slope, metres per metre
};

// Pixels of 30 m, centred on multiples of 30 m as Landsat's are. A pure function of the pixel's
// place in the UTM zone and of the seed, so that overlapping scenes see the same fields; only the
// levels of water and snow depend on the region their fractions hold for.
class Landscape {
 public:
    // Pixel (0, 0) is the north-western one of `extent`.
    Landscape(const WorldRequest& world, const MapBox& extent);
    explicit Landscape(const SceneRequest& request) : Landscape(request, request.extent()) {}

    // `row`, `col` of the extent; `law` of that place. Land without snow obeys the law up to the
    // requested scatter, at an ndwi within kNdwiMean +- 2 kNdwiDeviation and NIR above red and 0.1.
    GroundPixel at(int row, int col, const RatioLaw& law) const noexcept;
    // Mean of a lattice over `rows` x `cols` pixels; a mixture has no cover.
    GroundPixel mean_of(int rows, int cols, const RatioLaw& law) const noexcept;
    float elevation_m(int row, int col) const noexcept;
    // Of the air just above the mean elevation.
    double air_k() const noexcept { return winter_ ? 277 : 300; }
    // Place of pixel (0, 0) in pixels of the zone, x to the east, y to the south.
    int x0() const { return x0_; }
    int y0() const { return y0_; }

 private:
    // What one pixel of land is like before its spectrum is made.
    struct Land {
        Cover cover;
        float red, ndwi;
        std::uint32_t parcel;
    };

    double wetness(double x, double y) const noexcept;
    double elevation(double x, double y) const noexcept;
    double snowiness(double x, double y) const noexcept;
    void add_snow(int x, int y, GroundPixel& pixel) const noexcept;
    Land land_at(int x, int y, double wet) const noexcept;
    Land farmland(int x, int y) const noexcept;
    Land field(std::uint32_t parcel) const noexcept;
    float town_density(int x, int y) const noexcept;
    GroundPixel water(int x, int y) const noexcept;
    GroundPixel spectrum(int x, int y, const Land& land, const RatioLaw& law) const noexcept;

    std::uint32_t seed_;
    int x0_, y0_;  // of pixel (0, 0), in pixels of the zone
    double mean_elevation_, relief_;
    double water_level_, snow_level_;
    bool winter_;
    float scatter_;
};

}  // namespace hls::simulate
