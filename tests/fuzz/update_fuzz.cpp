// SPDX-License-Identifier: Apache-2.0
// Collections, events and keys from outside: any bytes, an answer or Error.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/error.hpp"
#include "zarr/collection.hpp"
#include "zarr/object_event.hpp"
#include "zarr/object_store.hpp"
#include "zarr/time_axis.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto attempt = [](auto action) {
        try {
            action();
        } catch (const hls::Error&) {
        }
    };
    for (const auto& event : hls::zarr::parse_events(text)) {
        if (event.kind == hls::zarr::EventKind::rejected || event.key.empty()) continue;
        hls::zarr::require_key(event.key);  // nothing that leads out gets here
    }
    attempt([&] {
        const auto collection = hls::zarr::parse_collection(text, "fuzz");
        attempt([&] { hls::zarr::match_key(collection, text.substr(0, 200)); });
    });
    attempt([&] { hls::zarr::parse_time_units(text); });
    attempt([&] { hls::zarr::parse_time(text, "%Y%jT%H%M%S.%f"); });
    return 0;
}
