// SPDX-License-Identifier: Apache-2.0
// The values of a correction job as people write them on a command line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lasrc/landsat_job.hpp"

namespace hls::lasrc {

// The options of hls-lasrc that say what to correct and how, as given.
struct LandsatJobText {
    std::string granule, output;
    std::string mask = "qa-pixel";  // or a file
    std::string ancillary;          // empty: $HLS_DATA_DIR/ancillary
    std::string aerosol = "retrieve";
    std::string bands;            // empty: all
    std::string quirks = "keep";  // or "fix"
    std::string accept;
};

// Throws Error{usage}. Threads, software and overwriting stay at their defaults.
LandsatJob parse_job(const LandsatJobText& text);

// "retrieve", "fixed:AOT" or "fixed:AOT,EPS"; AOT 0..5 at 550 nm, EPS 0..4. Throws Error{usage}.
AerosolMode parse_aerosol(std::string_view text);

// "2-7", "2,3,4", "1,4-5": reflective bands 1..7, ascending, each once. Throws Error{usage}.
std::vector<int> parse_reflective_bands(std::string_view text);

// "L1GT,T2": levels (L1TP, L1GT, L1GS) and categories (T1, T2, RT). Throws Error{usage}.
std::vector<std::string> parse_accepted(std::string_view text);

}  // namespace hls::lasrc
