// SPDX-License-Identifier: Apache-2.0
// Messages from queues and catalogues: any bytes, records and rejects, no exception.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fetch/messages.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hls::fetch;
    MessageReader reader({},
                         {[](const GranuleRecord& record) { record_from_json(to_json(record)); },
                          [](const Reject& reject) { to_json(reject); },
                          {}});
    reader.feed({reinterpret_cast<const char*>(data), size});
    reader.finish();
    return 0;
}
