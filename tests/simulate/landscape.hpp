// SPDX-License-Identifier: Apache-2.0
// A made-up countryside: fields with roads and pivots, woods along streams, towns, lakes, rivers.
#pragma once

#include <array>
#include <cstdint>

#include "simulate/ratio_law.hpp"
#include "simulate/scene_request.hpp"

namespace hls::simulate {

inline constexpr int kReflectiveBands = 7;  // B1..B7

enum class Cover : std::uint8_t { crop, stubble, bare_soil, pasture, forest, town, water };
inline constexpr int kCovers = 7;
const char* cover_name(Cover cover) noexcept;

struct GroundPixel {
    std::array<float, kReflectiveBands> reflectance;  // B1..B7 at index 0..6
    Cover cover;
    float temperature_k;
};

// A pure function of the pixel's place in the UTM zone and of the seed, so that overlapping scenes
// see the same fields; only the water level depends on the scene.
class Landscape {
 public:
    explicit Landscape(const SceneRequest& request);

    // `row`, `col` of the scene's grid; `law` of that place. Land obeys the law up to the
    // requested scatter, at an ndwi within kNdwiMean +- 2 kNdwiDeviation and NIR above red and 0.1.
    GroundPixel at(int row, int col, const RatioLaw& law) const noexcept;

 private:
    // What one pixel of land is like before its spectrum is made.
    struct Land {
        Cover cover;
        float red, ndwi;
        std::uint32_t parcel;
    };

    double wetness(double x, double y) const noexcept;
    Land land_at(int x, int y, double wet) const noexcept;
    Land farmland(int x, int y) const noexcept;
    Land field(std::uint32_t parcel) const noexcept;
    float town_density(int x, int y) const noexcept;
    GroundPixel water(int x, int y) const noexcept;
    GroundPixel spectrum(int x, int y, const Land& land, const RatioLaw& law) const noexcept;

    std::uint32_t seed_;
    int x0_, y0_;  // of pixel (0, 0), in pixels of the zone
    double water_level_;
    float scatter_;
};

}  // namespace hls::simulate
