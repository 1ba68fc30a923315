// SPDX-License-Identifier: Apache-2.0
// Names of HLS granules and their files (tiling.md 5.1, orchestration.md 3.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace hls::granule {

enum class HlsSensor { l30, s30 };

std::string_view hls_sensor_name(HlsSensor sensor) noexcept;  // "L30", "S30"

// HLS.L30.T16RDV.2020181T161234.v2.0
struct HlsId {
    HlsSensor sensor = HlsSensor::l30;
    std::string tile;     // without the T: 16RDV
    int year = 0;         // 1980..2999
    int day_of_year = 0;  // 1..366
    int hour = 0;         // UTC
    int minute = 0;
    int second = 0;
    bool vi = false;  // HLS-VI.L30...: vegetation indices made from the granule

    bool operator==(const HlsId&) const = default;
};

// Of a sensing time, cut to the second. Throws Error{internal} if `tile` is not like 16RDV.
HlsId make_hls_id(HlsSensor sensor, std::string_view tile, UtcTime sensing_time);

// nullopt for anything that is not exactly a granule id (of version 2.0).
std::optional<HlsId> parse_hls_id(std::string_view text) noexcept;
std::string format_hls_id(const HlsId& id);

// CMR's ProducerGranuleId: the id without its version, HLS.L30.T16RDV.2020181T161234.
std::string producer_granule_id(const HlsId& id);

// "<id>.B01.tif"
std::string hls_layer_file(const HlsId& id, std::string_view layer);

struct HlsLayerFile {
    HlsId id;
    std::string layer;  // B01, B8A, Fmask, SZA, NDVI, ...: letters and digits
};
// nullopt for anything but "<id>.<layer>.tif".
std::optional<HlsLayerFile> parse_hls_layer_file(std::string_view file_name) noexcept;

}  // namespace hls::granule
