// SPDX-License-Identifier: Apache-2.0
// What a result record says of a mask.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "fmask/mask_job.hpp"

namespace hls::fmask {

using Fields =
    std::vector<std::pair<std::string, std::variant<std::string, double, std::int64_t, bool>>>;

// How the mask was made: profile, buffers, sources, seconds by stage.
Fields parameter_fields(const MaskReport& report);
// What came of it: clear percentages, shares of the classes, objects, thresholds.
Fields gate_fields(const MaskReport& report);

}  // namespace hls::fmask
