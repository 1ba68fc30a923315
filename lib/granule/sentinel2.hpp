// SPDX-License-Identifier: Apache-2.0
// Names, bands and satellites of Sentinel-2 Level-1C products (S2 Products Specification Document).
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace hls::granule {

inline constexpr int kSentinel2Bands = 13;
inline constexpr std::array<int, 3> kSentinel2Resolutions{10, 20, 60};  // m

// The 13 bands in the order of their bandId 0..12: B01..B08, B8A, B09..B12. Everywhere in the kit a
// Sentinel-2 band is its index in this order.
struct Sentinel2Band {
    std::string_view name;  // "B8A"
    int resolution_m;       // 10, 20 or 60
};
std::span<const Sentinel2Band, kSentinel2Bands> sentinel2_bands() noexcept;
// "B8A", "8A", "8a" or "B08", "8": the index; nullopt for anything else.
std::optional<int> sentinel2_band_index(std::string_view name) noexcept;

// Processing baseline 05.11.
struct Sentinel2Baseline {
    int major = 0;
    int minor = 0;

    auto operator<=>(const Sentinel2Baseline&) const = default;
};
// "05.11" or "0511".
std::optional<Sentinel2Baseline> parse_sentinel2_baseline(std::string_view text) noexcept;
std::string format_sentinel2_baseline(Sentinel2Baseline baseline);  // "05.11"

// The oldest baseline with compact names, and the first whose digital numbers are offset and whose
// masks are rasters.
inline constexpr Sentinel2Baseline kOldestBaseline{2, 4};
inline constexpr Sentinel2Baseline kOffsetBaseline{4, 0};

// S2A_MSIL1C_20200629T180000_N0209_R127_T11TMK_20200629T220000
struct Sentinel2ProductId {
    std::string satellite;  // S2A
    std::string level;      // MSIL1C, MSIL2A
    UtcTime sensing{};      // start of the datatake, whole seconds
    Sentinel2Baseline baseline;
    int relative_orbit = 0;  // 1..143
    std::string tile;        // 11TMK
    UtcTime discriminator{};

    bool operator==(const Sentinel2ProductId&) const = default;
};

// nullopt for anything that is not exactly such a name; a trailing ".SAFE" is allowed.
std::optional<Sentinel2ProductId> parse_sentinel2_product_id(std::string_view text) noexcept;
std::string format_sentinel2_product_id(const Sentinel2ProductId& id);  // without ".SAFE"

// Tile and datastrip identifiers as the metadata write them:
// S2A_OPER_MSI_L1C_TL_SGS__20171207T032513_A012840_T55JEJ_N02.06,
// S2A_OPER_MSI_L1C_DS_SGS__20171207T032513_S20171207T002252_N02.06.
struct Sentinel2OperId {
    std::string satellite;       // S2A
    char kind = 'T';             // T: tile, D: datastrip
    UtcTime created{};           // whole seconds
    int absolute_orbit = 0;      // tile only
    std::string tile;            // tile only: 55JEJ
    UtcTime sensing{};           // datastrip only: its start
    Sentinel2Baseline baseline;  // 0.0 if the identifier has none
};
std::optional<Sentinel2OperId> parse_sentinel2_oper_id(std::string_view text) noexcept;

// Linear adjustment of surface reflectance: in * slope + offset.
struct BandpassRow {
    double slope = 1;
    double offset = 0;
};

// Bands of a satellite's bandpass rows.
inline constexpr std::array<std::string_view, 7> kBandpassBands{"B01", "B02", "B03", "B04",
                                                                "B8A", "B11", "B12"};

struct Sentinel2Satellite {
    std::string id;                       // S2A
    std::string name;                     // Sentinel-2A, as SPACECRAFT_NAME
    std::array<BandpassRow, 7> bandpass;  // to OLI, of kBandpassBands
};

// The table that ships as share/sentinel2/satellites.txt.
std::span<const Sentinel2Satellite> sentinel2_satellites();
// "S2A" or "Sentinel-2A". Throws Error{not_accepted} with a hint for a satellite not in the table.
const Sentinel2Satellite& sentinel2_satellite(std::string_view id_or_name);

}  // namespace hls::granule
