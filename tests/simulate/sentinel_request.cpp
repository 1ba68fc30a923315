// SPDX-License-Identifier: Apache-2.0
#include "simulate/sentinel_request.hpp"

#include <fmt/format.h>

#include "core/error.hpp"

namespace hls::simulate {
namespace {

constexpr const char* kStation = "2APS";

[[noreturn]] void refuse(const std::string& what) {
    throw Error{Exit::usage, what};
}

}  // namespace

std::string compact_time(UtcTime time) {
    const std::string text = format_utc(time);  // 2021-07-15T17:10:31Z
    return text.substr(0, 4) + text.substr(5, 2) + text.substr(8, 5) + text.substr(14, 2) +
           text.substr(17, 2);
}

geo::MgrsTile SentinelRequest::mgrs() const {
    const auto parsed = geo::parse_mgrs_tile(tile);
    if (!parsed) refuse(fmt::format("{}: no tile of the Sentinel-2 grid", tile));
    return *parsed;
}

UtcTime SentinelRequest::strip_start() const {
    const auto late = std::chrono::milliseconds(datastrip == Datastrip::southern ? 5731 : 0);
    return tile_sensed() - std::chrono::milliseconds(8250) + late;
}

// Products of one pass differ in the time of their making only.
UtcTime SentinelRequest::discriminator() const {
    const auto made = std::chrono::floor<std::chrono::hours>(sensed) + std::chrono::hours(4);
    return made + std::chrono::seconds(datastrip == Datastrip::southern ? 1807 : 1052);
}

std::string SentinelRequest::product_id() const {
    return fmt::format("{}_MSIL1C_{}_N{:02}{:02}_R{:03}_T{}_{}", satellite, compact_time(sensed),
                       baseline.major, baseline.minor, relative_orbit, mgrs().id(),
                       compact_time(discriminator()));
}

std::string SentinelRequest::granule_id() const {
    return fmt::format("L1C_T{}_A{:06}_{}", mgrs().id(), absolute_orbit,
                       compact_time(strip_start()));
}

std::string SentinelRequest::tile_oper_id() const {
    return fmt::format("{}_OPER_MSI_L1C_TL_{}_{}_A{:06}_T{}_N{:02}.{:02}", satellite, kStation,
                       compact_time(discriminator()), absolute_orbit, mgrs().id(), baseline.major,
                       baseline.minor);
}

std::string SentinelRequest::datastrip_oper_id() const {
    return fmt::format("{}_OPER_MSI_L1C_DS_{}_{}_S{}_N{:02}.{:02}", satellite, kStation,
                       compact_time(discriminator()), compact_time(strip_start()), baseline.major,
                       baseline.minor);
}

std::string SentinelRequest::datastrip_folder() const {
    return fmt::format("DS_{}_{}_S{}", kStation, compact_time(discriminator()),
                       compact_time(strip_start()));
}

std::string SentinelRequest::image_prefix() const {
    return fmt::format("T{}_{}", mgrs().id(), compact_time(sensed));
}

io::Grid SentinelRequest::grid(int pixel_m) const {
    const geo::MgrsTile square = mgrs();
    const geo::EastNorth corner = square.upper_left_false_northing();
    return {rows * 10 / pixel_m, cols * 10 / pixel_m, corner.x_m,
            corner.y_m,          double(pixel_m),     square.epsg()};
}

MapBox SentinelRequest::extent() const {
    const geo::EastNorth corner = mgrs().upper_left();
    return {corner.x_m, corner.y_m - 10.0 * rows, corner.x_m + 10.0 * cols, corner.y_m};
}

void SentinelRequest::validate() const {
    WorldRequest::validate();
    const geo::MgrsTile square = mgrs();
    if (!geo::in_tiling_grid(square))
        refuse(fmt::format("{}: no tile of the Sentinel-2 grid", tile));
    if (square.zone != utm_zone)
        refuse(
            fmt::format("tile {} lies in zone {}, the world in {}", tile, square.zone, utm_zone));
    for (const int size : {rows, cols})
        if (size < 36 || size > kFullTile || size % 6 != 0)
            refuse(fmt::format("{} pixels of 10 m: not a multiple of 6 from 36 to {}", size,
                               kFullTile));
    granule::sentinel2_satellite(satellite);
    if (baseline < granule::kOldestBaseline)
        refuse(fmt::format("baseline {}: before 02.04", format_sentinel2_baseline(baseline)));
    if (relative_orbit < 1 || relative_orbit > 143) refuse("relative orbits are 1..143");
    if (track_offset_m < -250e3 || track_offset_m > 250e3)
        refuse("the track is at most 250 km away");
    if (lost_band >= kMsiBands) refuse("lost packets of a band that is not");
    if (strip_overlap_m < 0 || strip_overlap_m > 200e3) refuse("strips overlap by 0..200 km");
}

}  // namespace hls::simulate
