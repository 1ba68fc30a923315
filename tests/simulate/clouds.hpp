// SPDX-License-Identifier: Apache-2.0
// Clouds of known base and top above the map: what a line of sight or a ray of the sun meets.
#pragma once

#include <array>
#include <cstdint>

#include "core/view2d.hpp"
#include "simulate/scene_request.hpp"

namespace hls::simulate {

// Direction of a line through a place on the ground: pixels of 30 m east and south per metre up.
struct Slant {
    double east = 0, south = 0;
};
// `azimuth_deg` clockwise from north, of what the line points to (sun or satellite).
Slant slant_towards(double zenith_deg, double azimuth_deg) noexcept;

// Optical thickness at 550 nm and height above the sea of what a line meets in one layer.
struct CloudSample {
    float tau = 0;
    float top_m = 0;
};

// From the top down: thin ice, broken cells, thick cumulus.
inline constexpr int kCloudLayers = 3;
enum CloudLayerIndex : int { kIce = 0, kCells = 1, kCumulus = 2 };
using CloudColumn = std::array<CloudSample, kCloudLayers>;

// Places are (x, y) in pixels of 30 m from the origin of the UTM zone, x to the east, y to the
// south, as in Landscape.
class Clouds {
 public:
    Clouds() = default;
    // Clouds that can be seen from, or cast a shadow on, `extent`. Lines are within 75 degrees of
    // `sun` or within 15 of the zenith.
    Clouds(const WorldRequest& world, const MapBox& extent, const Slant& sun, int threads);

    bool empty() const { return empty_; }
    // What the line through the ground at (x, y), `elevation_m` high, meets.
    CloudColumn along(double x, double y, float elevation_m, const Slant& line) const noexcept;

 private:
    struct Kind;
    struct Sheet {
        int x0 = 0, y0 = 0;
        float base_m = 0, highest_m = 0;
        Plane<std::uint16_t> tau;  // 1/kTauSteps
        Plane<std::uint16_t> top;  // m

        CloudSample at(double x, double y) const noexcept;
        CloudSample meet(double x, double y, float elevation_m, const Slant& line) const noexcept;
    };

    static Sheet make_sheet(const Kind& kind, const WorldRequest& world, const MapBox& extent,
                            const Slant& sun, double fraction, int threads);

    bool empty_ = true;
    std::array<Sheet, kCloudLayers> sheets_;
};

// Beside a cloud the thickness is not quite 0: this much or less is clear air that USGS calls
// dilated.
inline constexpr float kHaloTau = 0.004f;
// From here on a cloud has a top that can be seen, and Landsat's quality band calls it one.
inline constexpr float kVisibleTau = 1.0f;

}  // namespace hls::simulate
