// SPDX-License-Identifier: Apache-2.0
#include "simulate/scene_request.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <initializer_list>

#include "core/error.hpp"

namespace hls::simulate {
namespace {

struct Limit {
    const char* name;
    double value, low, high;
};

void check(std::initializer_list<Limit> limits) {
    for (const Limit& limit : limits)
        if (!(limit.value >= limit.low && limit.value <= limit.high))
            throw Error{Exit::usage, fmt::format("{} of {} is outside {}..{}", limit.name,
                                                 limit.value, limit.low, limit.high)};
}

}  // namespace

double AirColumn::pressure_hpa() const {
    return 1013 * std::exp(-elevation_m / 8500.0);
}

AirColumn AirColumn::snapped() const {
    return {std::round(ozone_cm_atm * 400) / 400, std::round(water_vapour_g_cm2 * 100) / 100,
            elevation_m};
}

std::string SceneRequest::product_id() const {
    const CivilDate acquired = civil_date(sensed);
    const CivilDate processed = civil_date(sensed + std::chrono::days(7));
    return fmt::format("LC{:02}_L1TP_{:03}{:03}_{:04}{:02}{:02}_{:04}{:02}{:02}_02_T1", satellite,
                       wrs_path, wrs_row, acquired.year, acquired.month, acquired.day,
                       processed.year, processed.month, processed.day);
}

io::Grid SceneRequest::grid() const {
    return {rows,
            cols,
            ul_center_x_m - kPixelM / 2,
            ul_center_y_m + kPixelM / 2,
            kPixelM,
            32600 + utm_zone};
}

MapBox SceneRequest::extent() const {
    return extent_of(grid());
}

MapBox extent_of(const io::Grid& grid) noexcept {
    return {grid.ulx_m, grid.uly_m - grid.rows * grid.pixel_m,
            grid.ulx_m + grid.cols * grid.pixel_m, grid.uly_m};
}

void WorldRequest::validate() const {
    check({{"UTM zone", double(utm_zone), 1, 60},
           {"sun zenith", sun_zenith_deg.value_or(30), 0, 89},
           {"mean AOT", aot_mean, 0.01, 4},
           {"AOT spread", aot_spread, 0, 4},
           {"ozone", air.ozone_cm_atm, 0.05, 0.6},
           {"water vapour", air.water_vapour_g_cm2, 0.01, 8},
           {"elevation", double(air.elevation_m), -400, 6000},
           {"cloud fraction", cloud_fraction, 0, 0.9},
           {"water fraction", water_fraction, 0, 0.9},
           {"snow fraction", snow_fraction, 0, 0.9},
           {"relief", relief_m, 0, 1500},
           {"scatter of band ratios", ratio_scatter, 0, 0.5},
           {"softness", softness_m, 0, 300}});
    if (region) {
        check({{"width of the region", region->east - region->west, 300, 1e6},
               {"height of the region", region->north - region->south, 300, 1e6}});
    }
}

void SceneRequest::validate() const {
    WorldRequest::validate();
    // A Landsat scene never has more than about 9,500 pixels on a side.
    check({{"rows", double(rows), 16, 12000},
           {"columns", double(cols), 16, 12000},
           {"satellite", double(satellite), 8, 9},
           {"WRS path", double(wrs_path), 1, 233},
           {"WRS row", double(wrs_row), 1, 248},
           {"easting", ul_center_x_m, 100e3, 900e3},
           {"northing", ul_center_y_m, -9.3e6, 9.3e6},
           {"track offset", track_offset_m, -100e3, 100e3}});
}

}  // namespace hls::simulate
