// SPDX-License-Identifier: Apache-2.0
// Any bytes given as Sentinel-2 names, metadata, masks or reports either parse or end in
// hls::Error, nothing else.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/error.hpp"
#include "granule/sentinel2.hpp"
#include "granule/sentinel2_masks.hpp"
#include "granule/sentinel2_metadata.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    namespace granule = hls::granule;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto attempt = [](auto action) {
        try {
            action();
        } catch (const hls::Error&) {
        }
    };
    granule::sentinel2_band_index(text);
    granule::parse_sentinel2_oper_id(text);
    if (const auto id = granule::parse_sentinel2_product_id(text))
        if (granule::parse_sentinel2_product_id(granule::format_sentinel2_product_id(*id)) != id)
            __builtin_trap();
    attempt([&] { granule::parse_sentinel2_product(text, "fuzz"); });
    attempt([&] { granule::parse_sentinel2_tile(text, "fuzz").baseline(); });
    attempt([&] { granule::parse_sentinel2_product_info(text, "fuzz"); });
    attempt([&] { granule::parse_detector_footprints(text, "fuzz"); });
    attempt([&] { granule::parse_bands_with_data_loss(text, "fuzz"); });
    return 0;
}
