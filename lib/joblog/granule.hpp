// SPDX-License-Identifier: Apache-2.0
// One Level-1 granule as a catalogue or a message announces it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace hls::joblog {

enum class Mission { landsat, sentinel2 };

struct Granule {
    std::string id;  // LC09_L1TP_033027_20240307_20240307_02_T1, S2B_MSIL1C_... without .SAFE
    Mission mission = Mission::landsat;
    std::string sensor;        // L8 L9 S2A S2B S2C
    std::string level, tier;   // Landsat: L1TP, RT T1 T2
    std::string baseline;      // Sentinel-2: "0510"
    std::string datastrip;     // Sentinel-2: where known
    std::string tile;          // Sentinel-2: 35HKD
    int path = 0, row = 0;     // Landsat
    int orbit = 0;             // Sentinel-2: relative
    std::string acq_date;      // 2024-03-07
    std::string sensing_name;  // Sentinel-2: 20240307T075819, the time in its name
    std::optional<UtcTime> sensed_at, published_at, produced_at;

    std::string source, uuid, uri, local;
    std::optional<std::int64_t> size;
    std::string sums;  // JSON object of checksums
    bool withdrawn = false;
    bool absent = false;  // proven never to come
    bool accept = true;   // what the finder thought of it

    // Landsat: path/row/day. Sentinel-2: satellite, sensing time, relative orbit and tile, which
    // all twins share.
    std::string group() const;
    // The unit that corrects it: ac:033/027/2024-03-07, or ac:<id> for Sentinel-2.
    std::string ac_key() const;
    // Rules of HLS: Landsat L1TP of tier T1 or RT.
    bool acceptable() const;
};

// What a name alone says. nullopt for anything that is no Level-1 product id of Landsat 8/9 or
// Sentinel-2; ".SAFE", ".zip" and ".tar" at the end are left out.
std::optional<Granule> granule_of_id(std::string_view id);

// One line of input: a granule record of hls-fetch(1), a message of USGS, or a bare id. nullopt for
// a blank line and for a record that hls-fetch itself rejected. Throws Error{bad_input} that names
// `place`.
std::optional<Granule> parse_granule_line(std::string_view line, std::string_view place);

}  // namespace hls::joblog
