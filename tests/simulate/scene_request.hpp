// SPDX-License-Identifier: Apache-2.0
// What to simulate: the world of a day, and the Landsat granule that sees it.
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

// What the clouds are like; mixed takes a third of its fraction from each kind.
enum class CloudKind {
    mixed,
    thick,   // cumulus: bases at 1-2 km, domes up to 2 km higher, optical thickness up to 45
    broken,  // small cells of 5-20 at 2-4 km
    thin,    // ice of 1.5-6 at 7-10 km
};

// A part of a UTM zone in metres, in the northern definition (negative south of the equator).
struct MapBox {
    double west = 0, south = 0, east = 0, north = 0;

    bool operator==(const MapBox&) const = default;
};

// One day of one country. Everything is a function of the place in the UTM zone and of these
// numbers, so that sensors with other grids see the same world.
struct WorldRequest {
    std::uint32_t seed = 1;
    UtcTime sensed = parse_utc("2021-07-15T17:05:21.456789Z");
    int utm_zone = 14;                     // always the northern definition, as USGS does
    std::optional<double> sun_zenith_deg;  // of the scene centre; none: from time and place
    AirColumn air;
    double aot_mean = 0.2;      // of AOT at 550 nm; the field stays within mean +- spread
    double aot_spread = 0.1;    // and above 0.01
    double cloud_fraction = 0;  // 0..0.9 of the region
    CloudKind cloud_kind = CloudKind::mixed;
    double water_fraction = 0.03;  // 0..0.9 of the region
    double snow_fraction = 0;      // 0..0.9 of the region; more than 0 makes it winter
    double relief_m = 0;           // standard deviation of elevation; 0: flat
    double ratio_scatter = 0.01;   // relative, of a land pixel about the band-ratio law
    double softness_m = 0;         // standard deviation of how fields end; 0: abruptly
    // The part of the zone over which the fractions hold; none: the scene. Scenes of one world
    // must name the same one.
    std::optional<MapBox> region;

    // Throws Error{usage} naming the first value that cannot be.
    void validate() const;
};

struct SceneRequest : WorldRequest {
    int rows = 600;  // >= 16
    int cols = 600;
    int satellite = 8;  // 8 or 9
    int wrs_path = 28;
    int wrs_row = 33;
    double ul_center_x_m = 681000;   // centre of the upper-left pixel
    double ul_center_y_m = 4316400;  // negative south of the equator
    double track_offset_m = 0;       // scene centre east of the ground track
    // Tile whose normalised sun the landscape is defined under, reflectance depending on sun and
    // view as HLS assumes; empty: a Lambertian landscape.
    std::string brdf_tile;
    bool swath_edge = false;    // slanted borders with fill outside
    bool sensor_noise = false;  // of OLI's size
    bool pan = true;            // write B8
    bool truth = true;          // write the truth rasters

    // LC08_L1TP_028033_20210715_20210722_02_T1: processed a week after.
    std::string product_id() const;
    // The 30 m grid, outer corner at half a pixel from ul_center.
    io::Grid grid() const;
    MapBox extent() const;
    void validate() const;
};

MapBox extent_of(const io::Grid& grid) noexcept;

}  // namespace hls::simulate
