// SPDX-License-Identifier: Apache-2.0
// GeoJSON, USGS messages and tile lists from outside: any bytes, an answer or Error.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/error.hpp"
#include "geo/overlap.hpp"
#include "granule/landsat_message.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto attempt = [](auto action) {
        try {
            action();
        } catch (const hls::Error&) {
        }
    };
    attempt([&] { hls::granule::parse_landsat_message(text, "fuzz"); });
    attempt([&] { hls::geo::TileList::from_ids(text, "fuzz"); });
    attempt([&] {
        const auto shapes = hls::geo::parse_geojson(text, "fuzz");
        hls::geo::covered_tiles(shapes.region, hls::geo::TileList::land());
        for (const auto& place : shapes.points)
            hls::geo::tiles_at(place, hls::geo::TileList::land());
    });
    return 0;
}
