// SPDX-License-Identifier: Apache-2.0
// The values of a correction job as people write them on a command line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lasrc/landsat_job.hpp"
#include "lasrc/sentinel2_job.hpp"

namespace hls::lasrc {

// The options of hls-lasrc that say what to correct and how, as given.
struct JobText {
    std::string granule, output;
    std::string mask = "qa-pixel";  // or a file
    std::string ancillary;          // empty: $HLS_DATA_DIR/ancillary
    std::string aerosol = "retrieve";
    std::string quirks = "keep";  // or "fix"
    // Of Landsat.
    std::string bands;  // empty: all
    std::string accept;
    // Of Sentinel-2.
    std::string layout = "native";   // or "reference"
    std::string s2_fill = "any";     // or "all", "converted"
    std::string s2_qa_fill = "all";  // or "corner"
    std::string angles = "all";      // or "none"
};

// Throw Error{usage}, also for an option of the other sensor. Threads, software and overwriting
// stay at their defaults.
LandsatJob parse_landsat_job(const JobText& text);
Sentinel2Job parse_sentinel2_job(const JobText& text);

// "retrieve", "fixed:AOT" or "fixed:AOT,EPS"; AOT 0..5 at 550 nm, EPS 0..4. Throws Error{usage}.
AerosolMode parse_aerosol(std::string_view text);

// "2-7", "2,3,4", "1,4-5": reflective bands 1..7, ascending, each once. Throws Error{usage}.
std::vector<int> parse_reflective_bands(std::string_view text);

// "L1GT,T2": levels (L1TP, L1GT, L1GS) and categories (T1, T2, RT). Throws Error{usage}.
std::vector<std::string> parse_accepted(std::string_view text);

}  // namespace hls::lasrc
