// SPDX-License-Identifier: Apache-2.0
// The values of a mask job as people write them on a command line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fmask/mask_job.hpp"

namespace hls::fmask {

// The options of hls-fmask that are more than a word or a number.
struct MaskJobText {
    std::string buffer;        // "CLOUD,SHADOW", pixels; empty: as the profile
    std::string shadow_depth;  // "abs:0.02" or "rel:0.15"; empty: as the profile
    std::string match;         // "first" or "best"; empty: as the profile
    std::string accept;        // "L1GT,T2"
    std::string without;       // "thermal,cirrus,angles,parallax"
};

// Puts them into the job and checks its numbers. Throws Error{usage}.
void apply_text(const MaskJobText& text, MaskJob& job);

}  // namespace hls::fmask
