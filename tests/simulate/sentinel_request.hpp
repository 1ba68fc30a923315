// SPDX-License-Identifier: Apache-2.0
// Which Sentinel-2 Level-1C granule to simulate.
#pragma once

#include <chrono>
#include <string>

#include "geo/mgrs.hpp"
#include "granule/sentinel2.hpp"
#include "simulate/msi_surface.hpp"
#include "simulate/scene_request.hpp"

namespace hls::simulate {

inline constexpr int kFullTile = 10980;  // pixels of 10 m

// Which of two products of one pass; their datastrips overlap.
enum class Datastrip { whole, northern, southern };

struct SentinelRequest : WorldRequest {
    SentinelRequest() { sensed = parse_utc("2021-07-15T17:10:31.024Z"); }

    int rows = kFullTile;  // of 10 m: a multiple of 6, up to the full tile from its corner
    int cols = kFullTile;
    std::string tile = "14SPJ";
    std::string satellite = "S2A";  // S2A, S2B or S2C
    granule::Sentinel2Baseline baseline{5, 11};
    int relative_orbit = 69;
    int absolute_orbit = 31656;
    double track_offset_m = 0;  // centre of the raster east of the ground track
    bool lambertian = false;    // no dependence on sun and view
    bool sensor_noise = false;
    int lost_band = -1;  // band with lost packets in a corner
    Datastrip datastrip = Datastrip::whole;
    double strip_overlap_m = 6000;  // of two datastrips, along the track
    bool truth = true;
    bool true_colour = true;  // write TCI and PVI

    bool raster_masks() const { return baseline >= granule::kOffsetBaseline; }
    double dn_offset() const { return raster_masks() ? -1000 : 0; }
    geo::MgrsTile mgrs() const;
    // Time of the datastrip's first line, which names the granule, and of the tile's.
    UtcTime strip_start() const;
    UtcTime tile_sensed() const { return sensed + std::chrono::seconds(612); }
    UtcTime discriminator() const;
    // S2A_MSIL1C_20210715T171031_N0511_R069_T14SPJ_20210715T213000
    std::string product_id() const;
    // L1C_T14SPJ_A031656_20210715T172030
    std::string granule_id() const;
    std::string tile_oper_id() const;
    std::string datastrip_oper_id() const;
    std::string datastrip_folder() const;  // DS_2APS_...
    std::string image_prefix() const;      // T14SPJ_20210715T171031

    // Grid of `pixel_m` (10, 20, 30 or 60) in the tile's own CRS, with false northing in the south.
    io::Grid grid(int pixel_m) const;
    // Signed northings, as the world has them.
    MapBox extent() const;
    void validate() const;
};

// "20210715T171031"
std::string compact_time(UtcTime time);

}  // namespace hls::simulate
