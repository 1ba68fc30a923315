// SPDX-License-Identifier: Apache-2.0
// Ancillary data over the rectangle of one scene.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "ancillary/ancillary.hpp"
#include "io/raster.hpp"
#include "lasrc/quirks.hpp"

namespace hls::lasrc {

// `choice` as ancillary::load_ancillary takes it, and its errors; `date` is the UTC day.
ancillary::Ancillary load_scene_ancillary(const std::string& choice, const io::Grid& grid,
                                          std::chrono::year_month_day date, const Quirks& quirks);

// One text a source: its path, or what it is.
std::vector<std::string> source_texts(const ancillary::Ancillary& ancillary);

}  // namespace hls::lasrc
