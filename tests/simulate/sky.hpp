// SPDX-License-Identifier: Apache-2.0
// What hangs over the scene: the aerosol field, clouds, their shadows, and cirrus.
#pragma once

#include <array>
#include <cstdint>

#include "simulate/landscape.hpp"
#include "simulate/scene_geometry.hpp"
#include "simulate/scene_request.hpp"

namespace hls::simulate {

struct SkyPixel {
    float cloud = 0;          // opaque fraction 0..1
    float shadow = 0;         // part of the direct sun that is missing, 0..1
    float cirrus = 0;         // reflectance that thin ice adds, also what band 9 sees
    float top_k = 270;        // temperature of the cloud top
    bool near_cloud = false;  // beside a cloud: USGS calls it dilated
    float brightness = 1;     // of the cloud
};

class Sky {
 public:
    Sky(const SceneRequest& request, const SceneGeometry& geometry);

    // AOT at 550 nm: smooth, features of some kilometres, within mean +- spread.
    double aot550(double row, double col) const noexcept;
    double aot_min() const { return aot_min_; }
    double aot_max() const { return aot_max_; }

    SkyPixel at(int row, int col) const noexcept;

 private:
    float cloud_field(double x, double y) const noexcept;

    std::uint32_t seed_;
    double x0_, y0_;
    double aot_mean_, aot_spread_, aot_min_, aot_max_;
    bool cloudy_;
    float level_ = 0;                       // cloud where the field is above
    double shadow_dx_ = 0, shadow_dy_ = 0;  // pixels from a place towards the cloud shading it
};

// Reflectance of a thick cloud in B1..B7.
const std::array<float, kReflectiveBands>& cloud_reflectance() noexcept;

}  // namespace hls::simulate
