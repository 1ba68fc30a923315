// SPDX-License-Identifier: Apache-2.0
// Takes the envelopes off one message and sorts what is inside. Internal to fetch.
#pragma once

#include <set>
#include <string_view>

#include "fetch/messages.hpp"

namespace hls::fetch {

// What one run of a reader shares.
struct Unwrapping {
    const MessageRules& rules;
    const MessageReader::Sinks& sinks;
    MessageCounts& counts;
    std::set<std::uint64_t>& seen;
};

// One JSON document.
void unwrap_document(const Unwrapping& run, std::string_view text);
// An id, uuid, name of a file or s3:// address.
void unwrap_line(const Unwrapping& run, std::string_view line);

}  // namespace hls::fetch
