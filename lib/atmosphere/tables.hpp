// SPDX-License-Identifier: Apache-2.0
// The radiative-transfer tables of one sensor: what is computed once and looked up for every scene.
// Axes, packing and meaning follow lasrc.md 1.1-1.4 and rt.md 5, so official and own tables are one
// type.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "atmosphere/bands.hpp"
#include "core/view2d.hpp"

namespace hls::atmosphere {

inline constexpr int kPressures = 7;
inline constexpr int kAots = 22;
inline constexpr int kSuns = 22;
inline constexpr std::array<float, kPressures> kPressureHpa{1050, 1013, 900, 800, 700, 600, 500};
// AOT at 550 nm, and its natural logarithm as LaSRC tabulates it (9 decimals).
inline constexpr std::array<float, kAots> kAot550{.01f, .05f, .10f, .15f, .20f, .30f, .40f, .60f,
                                                  .80f, 1.f,  1.2f, 1.4f, 1.6f, 1.8f, 2.f,  2.3f,
                                                  2.6f, 3.f,  3.5f, 4.f,  4.5f, 5.f};
inline constexpr std::array<float, kAots> kLogAot550{
    -4.605170186f, -2.995732274f, -2.302585093f, -1.897119985f, -1.609437912f, -1.203972804f,
    -.916290732f,  -.510825624f,  -.223143551f,  0.f,           .182321557f,   .336472237f,
    .470003629f,   .587786665f,   .693157181f,   .832909123f,   .955511445f,   1.098612289f,
    1.252762969f,  1.386294361f,  1.504077397f,  1.609437912f};

// Directions of the path reflectance. For each (view, sun) the azimuth is stored as scattering
// angle, from ts_max = 180-|sun-view| downward in steps of 4 deg, the last entry exactly ts_min =
// 180-(sun+view).
struct AngleGrid {
    std::vector<float> sun_zenith_deg;   // kSuns nodes: 0, 4, .. 84
    std::vector<float> view_zenith_deg;  // 20 nodes, or fewer in own tables; node 0 is nadir
    Plane<float> ts_max_deg;             // [view][sun]
    Plane<float> ts_min_deg;             // [view][sun]
    Plane<int> count;                    // [view][sun] entries
    Plane<int> cumulative;               // [view][sun] sum of count over views 0..view
    std::vector<int> sun_start;          // [sun] first entry of the sun block
    int entries = 0;                     // length of the packed axis (official: 8000)

    // Packed index of the first entry of (view, sun).
    int first(int view, int sun) const {
        return sun_start[static_cast<std::size_t>(sun)] + cumulative(view, sun) - count(view, sun);
    }
};

struct BandTable {
    std::string name;                     // as BandConstants::name
    std::vector<float> path_reflectance;  // [pressure][aot][entry]; molecules + aerosol, no gas
    std::vector<float> transmittance;     // [pressure][aot][sun]; direct + diffuse, no gas
    std::vector<float> spherical_albedo;  // [pressure][aot]
    std::vector<float> extinction;        // [pressure][aot]; aerosol, relative to 550 nm
};

struct Tables {
    Sensor sensor = Sensor::oli;
    AngleGrid angles;
    std::vector<BandTable> bands;
    std::string source;  // one line: official files, or the settings own tables were made with

    // The band called `name`; throws Error{bad_input} when the tables lack it.
    const BandTable& band(std::string_view name) const;
};

}  // namespace hls::atmosphere
