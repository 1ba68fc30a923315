// SPDX-License-Identifier: Apache-2.0
// Granules as they are named, several at a time, each told as it is done.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "fetch/get.hpp"
#include "fetch/messages.hpp"

namespace hls::fetch {

struct GetRequest {
    std::vector<std::string> words;  // ids, records; "-" is the stream
    MessageRules rules;
    int jobs = 1;
};

// Calls `tell` with the line of every granule, and of every message that is none, and what is wrong
// with a granule that could not be had; never twice at a time. Returns the worst code: what rules
// filter is not_accepted, what cannot be read bad_input. Throws when cancelled.
Exit get_all(Getter& getter, const GetRequest& request, std::istream& stream,
             const std::function<void(const std::string& line, const std::string& problem)>& tell);

}  // namespace hls::fetch
