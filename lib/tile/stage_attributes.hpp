// SPDX-License-Identifier: Apache-2.0
// The numbers beside the intermediate steps of an S30 product.
#pragma once

#include <string>

#include "tile/s30_job.hpp"

namespace hls::tile {

// JSON: coverage of every granule as it came ("A_after_mask") and trimmed ("A_after_trim"), counts
// of all of them joined, and the tags of the product ("bandpass_S2A").
std::string stage_attributes(const S30Plan& plan, const S30Report& report);

}  // namespace hls::tile
