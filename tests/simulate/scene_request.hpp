// SPDX-License-Identifier: Apache-2.0
// Which Landsat granule to simulate: its place, time, sun, air and surface.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/time.hpp"
#include "io/raster.hpp"

namespace hls::simulate {

inline constexpr double kPixelM = 30;

// Uniform over the scene, and what the ancillary files are made of. The numbers are exactly
// representable in those files once snapped().
struct AirColumn {
    double ozone_cm_atm = 0.3;
    double water_vapour_g_cm2 = 1.5;
    int elevation_m = 300;

    double pressure_hpa() const;  // 1013 exp(-z / 8500 m), lasrc.md 3
    // Ozone to 1/400 cm-atm and water vapour to 1/100 g/cm2, the steps of the files.
    AirColumn snapped() const;
};

struct SceneRequest {
    int rows = 600;  // >= 16
    int cols = 600;
    std::uint32_t seed = 1;
    int satellite = 8;  // 8 or 9
    UtcTime sensed = parse_utc("2021-07-15T17:05:21.456789Z");
    int wrs_path = 28;
    int wrs_row = 33;
    int utm_zone = 14;                     // always the northern definition, as USGS does
    double ul_center_x_m = 681000;         // centre of the upper-left pixel
    double ul_center_y_m = 4316400;        // negative south of the equator
    std::optional<double> sun_zenith_deg;  // of the scene centre; none: from time and place
    double track_offset_m = 0;             // scene centre east of the ground track
    AirColumn air;
    double aot_mean = 0.2;         // of AOT at 550 nm; the field stays within mean +- spread
    double aot_spread = 0.1;       // and above 0.01
    double cloud_fraction = 0;     // 0..0.9 of the scene
    double water_fraction = 0.03;  // 0..0.9 of the scene
    double ratio_scatter = 0.01;   // relative, of a land pixel about the band-ratio law
    bool swath_edge = false;       // slanted borders with fill outside
    bool sensor_noise = false;     // of OLI's size
    bool pan = true;               // write B8
    bool truth = true;             // write the truth rasters

    // LC08_L1TP_028033_20210715_20210722_02_T1: processed a week after.
    std::string product_id() const;
    // The 30 m grid, outer corner at half a pixel from ul_center.
    io::Grid grid() const;
    // Throws Error{usage} naming the first value that cannot be.
    void validate() const;
};

}  // namespace hls::simulate
