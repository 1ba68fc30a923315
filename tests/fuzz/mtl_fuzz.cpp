// SPDX-License-Identifier: Apache-2.0
// Any bytes given as an MTL or a product id either parse or end in hls::Error, nothing else.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/error.hpp"
#include "granule/landsat.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto id = hls::granule::parse_landsat_product_id(text))
        if (hls::granule::format_landsat_product_id(*id) != text) __builtin_trap();
    for (const auto use : {hls::granule::MtlUse::level1, hls::granule::MtlUse::ac_scene}) {
        try {
            const auto metadata = hls::granule::parse_landsat_mtl(text, "fuzz", use);
            metadata.reflectance(4);
            metadata.thermal_constants(10);
            metadata.file_name("BAND_4");
        } catch (const hls::Error&) {
        }
    }
    return 0;
}
